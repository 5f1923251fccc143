import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createDeliverySplitter,
  type DurableDelivery,
  decodeContent,
  encodeContent,
  encodeDeliveries,
} from '../../src/protocol/durable.ts';
import { pack } from '../../src/protocol/pack.ts';

const content = encodeContent({ command: 'NEW', params: { id: '7' }, data: Buffer.from('x') });
const delivery: DurableDelivery = {
  position: 3,
  attempt: 1,
  isRepeated: false,
  sender: '00000000000000aa',
  sequence: 9,
  from: 'web1:~1',
  sentAtMs: 1_000,
  content,
};

test('deliveries come out of a stream however it is cut', () => {
  const sent = { ...delivery, message: delivery };
  const bytes = Buffer.concat(
    [1, 2].map((count) => encodeDeliveries(delivery, new Array(count).fill(sent))),
  );
  for (const size of [1, 7, bytes.length]) {
    const seen: DurableDelivery[] = [];
    const push = createDeliverySplitter((each) => seen.push(each));
    for (let at = 0; at < bytes.length; at += size) push(bytes.subarray(at, at + size));
    assert.equal(seen, [delivery, delivery, delivery]);
  }
});

test('a content has its command, parameters and data; what makes no sense is empty', () => {
  const { command, params, data } = decodeContent(content);
  assert.equal([command, params, data.toString()], ['NEW', { id: '7' }, 'x']);
  const none = { command: '', params: {}, data: Buffer.alloc(0) };
  assert.equal(decodeContent(Buffer.from('x')), none);
  assert.equal(decodeContent(pack({ cmd: null, params: 7, data: 'x' })), none);
});

test.run();
