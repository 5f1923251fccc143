import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { measureMemory } from '../../src/adapters/process-memory.ts';

test('our own memory is about what the runtime says', () => {
  const { rss } = process.memoryUsage();
  const bytes = measureMemory(process.pid);
  assert.ok(bytes > rss / 2 && bytes < rss * 2, `${bytes} against ${rss}`);
});

test('what a process has started counts with it', async () => {
  const inner = 'sh -c "echo ready; read line"; exit 0';
  const child = spawn('sh', ['-c', inner], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const { pid = 0 } = child;
  const [, own] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  const bytes = measureMemory(pid);
  assert.ok(bytes > Number(own) * 1_024, `${bytes} bytes with the inner shell, ${own} kB without`);
  assert.ok(measureMemory(process.pid) > bytes);
  child.stdin.end();
  await once(child, 'close');
  assert.is(measureMemory(pid), 0, 'it is gone');
});

test('a number that is no process has none', () => {
  assert.is(measureMemory(2 ** 30), 0);
});

test.run();
