/**
 * The duplicate window of a service: ids of durable messages that its program has done. It is kept
 * in files, so that a message is handed out once although the program was killed before its ack was
 * on the disk of its node.
 *
 * An id is a line, written when it is done, before it is acked. It survives the end of the process
 * at once, being in the page cache; a loss of power it would survive no sooner than its ack does,
 * so that it is not synced. Of two files the newer one is added to; when it is full it takes the
 * place of the older one: what is remembered is bounded, and no file is ever written anew. A line
 * that was torn is no id, and is ignored.
 */
import { closeSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { addRange, createRanges, hasNumber, type Ranges } from '../base/ranges.ts';
import { type DurableId, formatId } from '../protocol/durable.ts';
import { DagentError } from '../protocol/errors.ts';
import { WINDOW_IDS_MIN } from '../protocol/limits.ts';
import { makeDirectory, openToAppend, writing } from './files.ts';

const ID = /^([0-9a-f]{16})\.([1-9]\d*)$/;

/** The text of a file; empty when there is none. Throws E_STATE_BROKEN. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new DagentError('E_STATE_BROKEN', { path, reason: String(code) });
  }
}

/** Ids in little room: what a sender has numbered one by one is one range. */
class Ids {
  readonly #sequences = new Map<string, Ranges>();
  size = 0;

  has({ sender, sequence }: DurableId): boolean {
    const known = this.#sequences.get(sender);
    return known !== undefined && hasNumber(known, sequence);
  }

  add(id: DurableId): void {
    if (this.has(id)) return;
    const { sender, sequence } = id;
    let known = this.#sequences.get(sender);
    if (known === undefined) {
      known = createRanges();
      this.#sequences.set(sender, known);
    }
    addRange(known, sequence, sequence);
    this.size++;
  }

  addAll(others: Ids): void {
    for (const [sender, { bounds }] of others.#sequences) {
      for (let at = 0; at < bounds.length; at += 2) {
        for (let sequence = bounds[at]!; sequence <= bounds[at + 1]!; sequence++) {
          this.add({ sender, sequence });
        }
      }
    }
  }
}

function idsIn(text: string): Ids {
  const ids = new Ids();
  for (const line of text.split('\n')) {
    const [, sender, sequence] = ID.exec(line) ?? [];
    if (sender !== undefined) ids.add({ sender, sequence: Number(sequence) });
  }
  return ids;
}

export class WindowFile {
  readonly #path: string | undefined;
  #older = new Ids();
  #newer = new Ids();
  #descriptor: number | undefined;
  /** The last line has no end: a crash or a full disk has torn it. */
  #isTorn = false;

  /** Of the files at `path`; without one, ids are remembered by this process only. */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  /**
   * Reads what is there: another program may have had the name meanwhile. What this one knows it
   * still knows, also where it could not be written. Throws E_STATE_BROKEN, E_CANNOT_WRITE.
   */
  refresh(): void {
    const path = this.#path;
    if (path === undefined) return;
    this.close();
    makeDirectory(dirname(path));
    const [known, text] = [this.#newer, readText(path)];
    this.#older = idsIn(readText(`${path}.old`));
    this.#newer = idsIn(text);
    this.#newer.addAll(known);
    this.#isTorn = text !== '' && !text.endsWith('\n');
    this.#descriptor = openToAppend(path);
  }

  has(id: DurableId): boolean {
    return this.#newer.has(id) || this.#older.has(id);
  }

  /** Remembers an id, in any case until this process ends. Throws E_CANNOT_WRITE. */
  add(id: DurableId): void {
    if (this.has(id)) return;
    this.#newer.add(id);
    const path = this.#path;
    if (path !== undefined) writing(path, () => this.#write(path, id));
    if (this.#newer.size < WINDOW_IDS_MIN) return;
    this.#older = this.#newer;
    this.#newer = new Ids();
    if (path === undefined) return;
    writing(path, () => renameSync(path, `${path}.old`));
    this.close();
    this.#isTorn = false;
    this.#descriptor = openToAppend(path);
  }

  #write(path: string, id: DurableId): void {
    this.#descriptor ??= openToAppend(path);
    const line = `${this.#isTorn ? '\n' : ''}${formatId(id)}\n`;
    this.#isTorn = true;
    // Where only a part was taken, the rest says why.
    for (let at = 0; at < line.length; ) at += writeSync(this.#descriptor, line.slice(at));
    this.#isTorn = false;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
