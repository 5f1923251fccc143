import { test } from 'uvu';
import { testTransport } from '../compliance/transport.ts';
import { createMemoryTransport } from './transport.ts';

testTransport('memory', {
  transport: createMemoryTransport(),
  freeUrl: () => 'cd://memory:0',
  deadUrl: () => 'cd://memory:1',
});

test.run();
