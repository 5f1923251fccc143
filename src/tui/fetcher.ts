/** Fetches what views need besides the watch, over one connection that is opened when it is due. */

import { type Client, connect } from '../client/client.ts';
import type { ConnectOptions } from '../client/connection.ts';
import { followEvents } from '../client/events.ts';
import { isFields } from '../client/format-info-fields.ts';
import { gather } from '../client/gather.ts';
import { fetchHistory } from '../client/history.ts';
import { HubClient } from '../client/hub.ts';
import { listJobs } from '../client/jobs.ts';
import { fetchLinks } from '../client/links.ts';
import { listBoxes } from '../client/mailboxes.ts';
import { DagentError } from '../protocol/errors.ts';
import { TOP_HUB_ENTRIES_MAX } from '../protocol/limits.ts';
import type { Fetch, FetchedValues } from './effects.ts';
import { textOf } from './feed.ts';
import type { Follow } from './following.ts';

/** How long an answer may take: longer than it is shown as new. */
const ANSWER_MS_MAX = 10_000;
/** The same of each of many nodes: one that hangs holds up what the others said. */
const GATHER_MS_MAX = 3_000;
/** What happened so long ago is told to who begins to look. */
const EVENTS_SINCE_MS = 3_600_000;

type Fetchers = {
  readonly [Source in keyof FetchedValues]: (
    client: Client,
    fetch: Fetch<Source>,
  ) => Promise<FetchedValues[Source]>;
};

const FETCHERS: Fetchers = {
  facts: async (client, { node }) => {
    const facts = await client.call(`${node}:`, 'info.get', [], { timeoutMs: ANSWER_MS_MAX });
    if (isFields(facts)) return facts;
    throw new DagentError('E_INTERNAL', { reason: `${node} answers with no facts` });
  },
  history: (client, { node }) => fetchHistory(client, node),
  links: (client, { node }) => fetchLinks(client, node),
  nodeFlags: (client, { node }) => client.flags.listOf(node),
  allLinks: (client, { nodes }) =>
    gather(nodes, async (node) => {
      const links = await fetchLinks(client, node, GATHER_MS_MAX);
      return links.filter(({ as }) => as !== 'client').map((link) => ({ ...link, at: node }));
    }),
  jobs: (client, { nodes }) => gather(nodes, (node) => listJobs(client, node, {}, GATHER_MS_MAX)),
  mailboxes: (client, { nodes }) =>
    gather(nodes, async (node) => {
      const boxes = await listBoxes(client, node, { timeoutMs: GATHER_MS_MAX });
      return boxes.map((box) => ({ ...box, at: node }));
    }),
  flags: (client) => client.flags.list(),
  hub: async (client) => (await HubClient.of(client)).content(TOP_HUB_ENTRIES_MAX),
};

/** Which one it is, its name says. */
function fetchBy<Source extends keyof FetchedValues>(client: Client, fetch: Fetch<Source>) {
  return FETCHERS[fetch.source as Source](client, fetch);
}

export interface Fetcher {
  /** Rejects as the client does. */
  fetch(fetch: Fetch): Promise<unknown>;
  readonly follow: Follow;
  close(): Promise<void>;
}

/** `optionsNow` says how to connect at the moment: the first time that may not be known before. */
export function createFetcher(optionsNow: () => ConnectOptions): Fetcher {
  let opening: Promise<Client> | undefined;
  const open = (): Promise<Client> => {
    opening ??= connect(optionsNow()).catch((error: unknown) => {
      // The next one who needs it tries again.
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    fetch: async (fetch) => await fetchBy(await open(), fetch),
    follow: (onEvent, onLost, onOpen) => {
      const stream = open().then((client) =>
        followEvents(client, EVENTS_SINCE_MS, onEvent, onOpen),
      );
      const over = stream.then(({ over }) => over);
      over.then(
        () => onLost('the top told no more'),
        (error: unknown) => onLost(textOf(error)),
      );
      return () => void stream.then(({ cancel }) => cancel()).catch(() => undefined);
    },
    close: async () => {
      const client = await opening?.catch(() => undefined);
      await client?.close();
    },
  };
}
