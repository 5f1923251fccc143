/** Serves a class. */
import { connect, remoteClass } from 'dagent';
import { endWith } from './dagent-closed.ts';
import { Dog } from './dog.ts';
import { readOptions, waitForGo } from './parent.ts';

const { home, direct } = readOptions<{ home: string; direct: boolean }>();
const client = await connect({ home, direct });
endWith(client);
await client.serve('kennel', {
  Dog: remoteClass(Dog, {
    doc: 'A dog.',
    args: ['name'],
    methods: { bark: { doc: 'Barks.', args: ['words', 'times?'] } },
  }),
});
await waitForGo();
