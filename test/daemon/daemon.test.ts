import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listNodes, pathsOf, readStatus, resolveHome } from '../../src/adapters/home.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import { completeOptions, readConfig } from '../../src/daemon/options.ts';
import type { Logger } from '../../src/ports/logger.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { SOCKET_PATH_BYTES_MAX } from '../../src/protocol/limits.ts';

const nothing = (): void => undefined;
const log: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const version = '1.0.0';

/** Runs a test in a home of its own, which is removed afterwards. */
async function inHome(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'd-'));
  try {
    await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

test('a home whose socket path is longer than SOCKET_PATH_BYTES_MAX is refused', () =>
  inHome(async (dir) => {
    const long = resolveHome(join(dir, 'x'.repeat(SOCKET_PATH_BYTES_MAX)), {});
    const options = completeOptions({ name: 'root' });
    try {
      await Daemon.start({ home: long, options, version, log });
      assert.unreachable('it started');
    } catch (error) {
      assert.is((error as DagentError).code, 'E_SOCKET_PATH');
    }
    assert.equal(listNodes(long), []);
  }));

test('a root is in at once, and leaves neither socket nor status when it stops', () =>
  inHome(async (dir) => {
    const home = resolveHome(dir, {});
    const options = completeOptions({ name: 'root' });
    const daemon = await Daemon.start({ home, options, version, log });
    await daemon.joined;
    assert.is(readStatus(home, 'root')?.role, 'root');
    const { id } = readConfig(home, 'root');
    await daemon.stop();
    assert.is(readStatus(home, 'root'), undefined);
    assert.not.ok(existsSync(pathsOf(home, 'root').socket));
    assert.is(readConfig(home, 'root').id, id);
  }));

test('of a node that was never let in nothing is kept to start again', () =>
  inHome(async (dir) => {
    const home = resolveHome(dir, {});
    const root = await Daemon.start({
      ...{ home, version, log },
      options: completeOptions({ name: 'root' }),
    });
    const parents = [`cd:${pathsOf(home, 'root').socket}`];
    const options = completeOptions({ name: 'root', role: 'leaf', parents });
    const other = resolveHome(join(dir, 'other'), {});
    const leaf = await Daemon.start({ home: other, options, version, log });
    try {
      await leaf.joined;
      assert.unreachable('it was let in');
    } catch (error) {
      assert.is((error as DagentError).code, 'E_NAME_TAKEN');
    }
    await leaf.stop();
    await root.stop();
    assert.equal(listNodes(other), []);
  }));

test.run();
