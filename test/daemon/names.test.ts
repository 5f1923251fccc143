import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isDiskFull } from '../../src/adapters/files.ts';
import { type NameEntry, NameMap } from '../../src/adapters/name-map.ts';
import { identifyProcess } from '../../src/adapters/process-identity.ts';
import { Names } from '../../src/daemon/names.ts';
import { MAP_NAMES_MAX, SERVICES_PER_LINK_MAX } from '../../src/protocol/limits.ts';
import type { NodeRecord } from '../../src/protocol/record.ts';
import { fillDisk, onSmallDisk } from '../fakes/small-disk.ts';

const root = mkdtempSync(join(tmpdir(), 'names-'));
const NODE_ID = '00000000000000aa';
let fileCount = 0;

/** The names of a node, as a reader of its map finds them, and what its log says. */
class Published {
  nowMs = 1_000;
  readonly complaints: string[] = [];
  readonly names: Names;
  readonly map: NameMap;
  /** Publishes again what found no room. */
  retry: () => void = () => undefined;

  constructor(path = join(root, `${++fileCount}.map`)) {
    const nothing = (): void => undefined;
    this.names = new Names({
      path,
      owner: { node: 'hq', nodeId: NODE_ID, incarnation: 1, ...identifyProcess(process.pid) },
      seed: 0xabcd,
      now: () => this.nowMs,
      keep: (_, action) => {
        this.retry = action;
        try {
          action();
        } catch (error) {
          if (!isDiskFull(error)) throw error;
        }
      },
      log: {
        ...{ debug: nothing, info: nothing, warn: nothing },
        error: (message) => this.complaints.push(message),
      },
    });
    this.map = new NameMap(path);
  }

  service(kind: 'serviceUp' | 'serviceDown', service: string): NameEntry | undefined {
    this.names.observe({ kind, service });
    return this.map.find(service);
  }

  node(kind: 'nodeUp' | 'nodeChanged' | 'nodeLost' | 'nodeGone', record: NodeRecord): string[] {
    this.names.observe({ kind, record });
    const entries = this.map.read()?.entries ?? [];
    return entries.map(({ service, state }) => `${service} ${state}`).sort();
  }
}

function recordOf(services: readonly string[], more: Partial<NodeRecord> = {}): NodeRecord {
  return {
    ...{ name: 'web1', id: '00000000000000bb', role: 'leaf', parent: 'hq', services },
    ...{
      incarnation: 1,
      seqno: 0,
      joinedSeqno: 0,
      revision: 0,
      realm: null,
      labels: {},
      urls: [],
      topics: [],
    },
    ...{ version: '1.0.0', ...more },
  };
}

test('a program that takes a name is in the map, and one that is gone is down there', () => {
  const here = new Published();
  const up = here.service('serviceUp', 'orders');
  const first = { service: 'orders', node: 'hq', nodeId: NODE_ID, id: '0000abcd00000001' };
  const nothing = { socket: null };
  assert.equal(up, { ...first, ...nothing, state: 'up', sinceMs: 1_000 });
  here.nowMs = 2_000;
  const down = here.service('serviceDown', 'orders');
  assert.equal(down, { ...first, ...nothing, state: 'down', sinceMs: 2_000 });
});

test('where others connect to a service is in the map until the name is given back', () => {
  const here = new Published();
  const connect = (socket: string): string | null | undefined => {
    here.names.observe({ kind: 'serviceDirect', service: 'orders', socket });
    return here.map.find('orders')?.socket;
  };
  assert.is(connect('direct-7-0123abcd'), undefined);
  const id = here.service('serviceUp', 'orders')?.id;
  assert.is(connect('direct-7-0123abcd'), join(root, 'direct-7-0123abcd'));
  assert.is(here.map.find('orders')?.id, id);
  assert.is(connect('anything'), join(root, 'direct-7-0123abcd'));
  assert.is(here.service('serviceDown', 'orders')?.socket, null);
});

test('who takes a name anew has another id', () => {
  const here = new Published();
  const first = here.service('serviceUp', 'orders');
  here.service('serviceDown', 'orders');
  const second = here.service('serviceUp', 'orders');
  assert.is.not(first?.id, second?.id);
  assert.is(second?.state, 'up');
});

test('services of a node that comes, changes, is lost and goes are so in the map', () => {
  const here = new Published();
  assert.equal(here.node('nodeUp', recordOf(['a', 'b'])), ['a up', 'b up']);
  assert.equal(here.node('nodeChanged', recordOf(['b', 'c'])), ['a down', 'b up', 'c up']);
  const lost = ['a down', 'b lost', 'c lost'];
  assert.equal(here.node('nodeLost', recordOf(['b', 'c'])), lost);
  assert.equal(here.node('nodeUp', recordOf(['b', 'c'])), ['a down', 'b up', 'c up']);
  assert.equal(here.node('nodeGone', recordOf(['b', 'c'])), ['a down', 'b down', 'c down']);
});

test('a name keeps its id and its time while nothing changes, and over a loss its id', () => {
  const here = new Published();
  here.node('nodeUp', recordOf(['a']));
  const before = here.map.find('a', 'web1');
  here.nowMs = 2_000;
  here.node('nodeChanged', recordOf(['a'], { revision: 1 }));
  assert.equal(here.map.find('a', 'web1'), before);
  here.node('nodeLost', recordOf(['a']));
  here.node('nodeUp', recordOf(['a']));
  assert.is(here.map.find('a', 'web1')?.id, before?.id);
  here.node('nodeUp', recordOf(['a'], { id: '00000000000000cc' }));
  assert.is.not(here.map.find('a', 'web1')?.id, before?.id);
});

test('names of others have half of MAP_NAMES_MAX, so that the own ones always have room', () => {
  const here = new Published();
  for (let node = 0; node < MAP_NAMES_MAX; node++) {
    const record = recordOf(['agent'], { name: `web${node}` });
    here.names.observe({ kind: 'nodeUp', record });
  }
  for (let number = 0; number < SERVICES_PER_LINK_MAX; number++) {
    here.names.observe({ kind: 'serviceUp', service: `s${number}` });
  }
  const content = here.map.read();
  assert.is(content?.entries.length, MAP_NAMES_MAX / 2 + SERVICES_PER_LINK_MAX);
  assert.is(content?.leftOutCount, MAP_NAMES_MAX / 2);
  here.names.observe({ kind: 'nodeGone', record: recordOf(['agent'], { name: 'web0' }) });
  here.names.observe({ kind: 'nodeUp', record: recordOf(['agent'], { name: 'late' }) });
  assert.is(here.map.find('agent', 'late')?.state, 'up');
});

test('where there can be no map the daemon does without, and its log says so', () => {
  const here = new Published(join(root, 'nowhere', 'names.map'));
  assert.is(here.service('serviceUp', 'orders'), undefined);
  here.names.close();
  assert.equal(here.complaints, ['there is no name map']);
});

test('on a full disk there is no map, rather than a wrong one, until there is room', () =>
  onSmallDisk('64k', (directory) => {
    const here = new Published(join(directory, 'names.map'));
    here.service('serviceUp', 'orders');
    const ballast = fillDisk(directory);
    for (let number = 0; number < 9; number++) here.service('serviceUp', `more${number}`);
    assert.is(here.map.find('orders'), undefined);
    assert.equal(readdirSync(directory), ['ballast']);
    rmSync(ballast);
    here.retry();
    assert.is(here.map.read()?.entries.length, 10);
    assert.is(here.map.find('orders')?.id, '0000abcd00000001');
    assert.is(here.service('serviceDown', 'orders')?.state, 'down');
  }));

test('when the node stops its map is gone', () => {
  const path = join(root, 'stopped.map');
  const here = new Published(path);
  here.service('serviceUp', 'orders');
  here.names.close();
  assert.is(here.map.find('orders'), undefined);
  assert.not.ok(existsSync(path));
  assert.is(here.service('serviceUp', 'late'), undefined);
  assert.equal(here.complaints, []);
});

test.after(() => rmSync(root, { recursive: true, force: true }));
test.run();
