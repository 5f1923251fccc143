/** One host that offers files and another one that takes them, without any node in between. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemFiles } from '../../src/adapters/file-system.ts';
import { Attributing, type WantedAttributes } from '../../src/files/attributing.ts';
import { type CollectComponents, type Collected, collect } from '../../src/files/collecting.ts';
import { Offers } from '../../src/files/offers.ts';
import { type PlaceComponents, type Placed, place } from '../../src/files/placing.ts';
import type { Obtain } from '../../src/files/reception.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import type { Item } from '../../src/protocol/file.ts';
import { FakeAccounts } from '../fakes/accounts.ts';
import { FakeClock } from '../fakes/clock.ts';

export const AS_IS: WantedAttributes = { mode: undefined, owner: undefined, keepsOwner: false };

export class Copying {
  readonly root = mkdtempSync(join(tmpdir(), 'copy-'));
  readonly from = join(this.root, 'from');
  readonly to = join(this.root, 'to');
  readonly clock = new FakeClock();
  readonly offers = new Offers();
  readonly ending = new AbortController();
  /** Blocks that were asked for, as `level/index`. */
  readonly asked: string[] = [];
  /** Parts that were opened, and how they were closed. */
  readonly parts: string[] = [];
  isDiscarded = false;
  doneBytes = 0;
  sentBytes = 0;

  constructor() {
    mkdirSync(this.from);
    mkdirSync(this.to);
  }

  collect(names: readonly string[], more: Partial<CollectComponents> = {}): Promise<Collected> {
    const paths = names.map((name) => join(this.from, name));
    return collect(paths, {
      files: systemFiles,
      offers: this.offers,
      signal: this.ending.signal,
      isRecursive: true,
      tellsOwner: false,
      ...more,
    });
  }

  readonly obtain: Obtain = (content, place, hash) => {
    this.asked.push(`${place.level}/${place.index}`);
    return this.offers.read({ content, ...place, hash, origin: 'hq:~1', hops: 1 });
  };

  /** Puts an item at `path`, from the directory that takes it. */
  place(
    item: Item,
    path: string,
    name: string | undefined,
    more: Partial<PlaceComponents> = {},
  ): Promise<Placed> {
    return place(
      { item, path: join(this.to, path), name },
      {
        files: systemFiles,
        clock: this.clock,
        attributing: new Attributing(new FakeAccounts(), AS_IS),
        parts: {
          open: () => void this.parts.push('open'),
          close: (_, isKept) => void this.parts.push(isKept ? 'kept' : 'closed'),
        },
        node: 'web1',
        signal: this.ending.signal,
        isDiscarded: () => this.isDiscarded,
        obtain: this.obtain,
        onBytes: (bytes, hasCome) => {
          this.doneBytes += bytes;
          if (hasCome) this.sentBytes += bytes;
        },
        ...more,
      },
    );
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** What is thrown, as `CODE reason`. */
export async function failureOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return 'nothing was thrown';
  } catch (error) {
    if (!(error instanceof DagentError)) throw error;
    return `${error.code} ${error.values.reason ?? ''}`.trim();
  }
}
