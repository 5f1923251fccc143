/** The links of a node, as it tells of them. */
import type { Client } from './client.ts';
import { openRecordStream, type StreamRecord } from './record-stream.ts';

/** What a link leads to, seen from its node. */
export const LINK_ENDS = ['parent', 'peer', 'child', 'client'] as const;
export type LinkEnd = (typeof LINK_ENDS)[number];

export interface LinkStatus {
  /** Name of the neighbour, or of a service of the program. */
  readonly peer: string;
  readonly as: LinkEnd;
  readonly rttMs: number | null;
  /** Time since anything was heard by it. */
  readonly heardMs: number;
  /** Bytes that went over it since it stands. */
  readonly sentBytes: number;
  readonly heardBytes: number;
  /** It does not keep up. */
  readonly isSlow: boolean;
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

/** The link in a record; undefined when it is none. */
export function parseLinkStatus(record: StreamRecord): LinkStatus | undefined {
  const { type, peer, as, rttMs, heardMs, sentBytes, heardBytes, isSlow } = record;
  if (type !== 'link' || typeof peer !== 'string') return undefined;
  const end = LINK_ENDS.find((each) => each === as);
  if (end === undefined || !isAmount(heardMs)) return undefined;
  if (!isAmount(sentBytes) || !isAmount(heardBytes)) return undefined;
  return {
    peer,
    as: end,
    rttMs: isAmount(rttMs) ? rttMs : null,
    heardMs,
    sentBytes,
    heardBytes,
    isSlow: isSlow === true,
  };
}

/** Asks a node for its links. Throws as `Client.call`. */
export async function fetchLinks(
  client: Client,
  node: string,
  timeoutMs?: number,
): Promise<readonly LinkStatus[]> {
  const links: LinkStatus[] = [];
  const call = { method: 'route.list', args: [{ expression: '', limit: 0 }], timeoutMs };
  const stream = openRecordStream(client, `${node}:`, call, {
    onRecord: (record) => {
      const link = parseLinkStatus(record);
      if (link !== undefined) links.push(link);
    },
    drained: () => undefined,
  });
  await stream.over;
  return links;
}
