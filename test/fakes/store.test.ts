import { test } from 'uvu';
import { testStore } from '../compliance/store.ts';
import { FakeStore } from './store.ts';

testStore({
  name: 'in memory',
  open: async (handlers) => new FakeStore('00000000000000aa', handlers),
  sync: (store) => (store as FakeStore).sync(),
});

test.run();
