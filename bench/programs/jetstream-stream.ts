/** The stream and its receiver: a queue, as ours is. What was acked is gone. */
import { AckPolicy, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

const NAMES = { name: 'bench', subject: 'bench', receiver: 'taker' } as const;

/** Makes the stream and its receiver, unless they are there. */
export async function openStream(client: NatsConnection): Promise<typeof NAMES> {
  const manager = await jetstreamManager(client);
  const { name, subject, receiver } = NAMES;
  await manager.streams.add({
    name,
    subjects: [subject],
    storage: StorageType.File,
    retention: RetentionPolicy.Workqueue,
    num_replicas: 1,
  });
  const max_ack_pending = 1_000;
  const ack_policy = AckPolicy.Explicit;
  await manager.consumers.add(name, { durable_name: receiver, ack_policy, max_ack_pending });
  return NAMES;
}
