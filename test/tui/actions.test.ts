import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TOP_COPY_CHARS_MAX } from '../../src/protocol/limits.ts';
import { update } from '../../src/tui/update.ts';
import { modelOf, NOW_MS, nodeOf, press, screenOf, smallRealm } from './nodes.ts';

test('y copies the name under the cursor, or those that are marked', () => {
  const model = modelOf(smallRealm());
  const copied = () =>
    update(model, { kind: 'key', key: 'y' }, NOW_MS).flatMap((effect) =>
      effect.kind === 'copy' ? [effect.text] : [],
    );
  assert.equal(copied(), ['root1']);
  assert.match(screenOf(model), 'copied root1');
  press(model, ' ', ' ');
  assert.equal(copied(), ['root1\nagent1']);
  const many = Array.from({ length: TOP_COPY_CHARS_MAX / 10 }, (_, index) =>
    nodeOf(`a-long-name-${index}`),
  );
  const large = modelOf(many);
  for (const { name } of many) large.state.marked.add(name);
  assert.equal(
    update(large, { kind: 'key', key: 'y' }, NOW_MS).filter(({ kind }) => kind === 'copy'),
    [],
  );
  assert.match(screenOf(large), 'too much to copy: 5,000 names');
});

test.run();
