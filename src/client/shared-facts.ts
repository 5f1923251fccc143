/**
 * Facts of many nodes, each of which is fetched once however many have it: nodes answer with
 * hashes, and of those that say the same one is asked for the facts.
 */
import { createHash } from 'node:crypto';
import { DagentError } from '../protocol/errors.ts';
import { hashFacts, parseFactDigest, type Sha256 } from '../protocol/fact-digest.ts';
import type { FactOptions } from '../protocol/facts.ts';
import type { Client } from './client.ts';

export interface FactsWish {
  /** Names of classes; the usual ones without any. */
  readonly classes: readonly string[];
  readonly options?: FactOptions | undefined;
  /** For each of the two questions that a node may be asked. */
  readonly timeoutMs: number;
}

type Facts = Readonly<Record<string, unknown>>;

const sha256: Sha256 = (text) => createHash('sha256').update(text).digest('base64url');

export class SharedFacts {
  readonly #client: Client;
  readonly #wish: FactsWish;
  /** By class and hash: what was fetched, or is being fetched. */
  readonly #known = new Map<string, Promise<unknown>>();

  constructor(client: Client, wish: FactsWish) {
    this.#client = client;
    this.#wish = wish;
  }

  /** The facts of a node by class, as `info.get` tells them. Throws what the node could not. */
  async read(node: string): Promise<Facts> {
    const answer = await this.#ask(node, 'info.digest', this.#wish.classes);
    const entries = Object.entries(answer).map(async ([name, value]) => {
      const digest = parseFactDigest(value);
      if (digest === undefined) throw notUnderstood(node, 'info.digest');
      const facts = 'facts' in digest ? digest.facts : await this.#find(node, name, digest.hash);
      return [name, facts] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  async #ask(node: string, method: string, classes: readonly string[]): Promise<Facts> {
    const { options, timeoutMs } = this.#wish;
    const args = options === undefined ? classes : [...classes, options];
    const answer = await this.#client.call(`${node}:`, method, args, { timeoutMs });
    if (typeof answer !== 'object' || answer === null) throw notUnderstood(node, method);
    return answer as Facts;
  }

  /** What another node has told under this hash; else the node itself is asked. */
  async #find(node: string, name: string, hash: string): Promise<unknown> {
    const key = `${name} ${hash}`;
    for (let told = this.#known.get(key); told !== undefined; told = this.#known.get(key)) {
      const facts = await told;
      if (facts !== undefined) return facts;
      if (this.#known.get(key) === told) this.#known.delete(key);
    }
    const fetching = this.#ask(node, 'info.get', [name]).then((facts) => facts[name]);
    // Undefined: it has changed since, or the node is gone. The next one asks its own node then.
    const shared = fetching.then(
      (facts) => (hashFacts(facts, sha256) === hash ? facts : undefined),
      () => undefined,
    );
    this.#known.set(key, shared);
    return fetching;
  }
}

function notUnderstood(node: string, command: string): DagentError {
  return new DagentError('E_NOT_UNDERSTOOD', { service: `${node}:`, command });
}
