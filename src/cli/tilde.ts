/**
 * What is typed at a terminal that is elsewhere, and how it is left when nothing there answers any
 * more: `~.` at the beginning of a line, as with ssh. `~~` there is one tilde.
 */

const TILDE = 0x7e;
const DOT = 0x2e;
const LINE_ENDS = [0x0d, 0x0a];

/** What is to be sent, and whether the terminal is left. */
export interface Typed {
  readonly bytes: Buffer;
  readonly isLeaving: boolean;
}

export class TildeFilter {
  #state: 'begin' | 'tilde' | 'within' = 'begin';

  push(typed: Buffer): Typed {
    const sent: number[] = [];
    for (const byte of typed) {
      const { was } = { was: this.#state };
      if (was === 'tilde' && byte === DOT) return { bytes: Buffer.from(sent), isLeaving: true };
      if (was === 'tilde' && byte !== TILDE) sent.push(TILDE);
      if (was === 'begin' && byte === TILDE) {
        this.#state = 'tilde';
        continue;
      }
      sent.push(byte);
      this.#state = LINE_ENDS.includes(byte) ? 'begin' : 'within';
    }
    return { bytes: Buffer.from(sent), isLeaving: false };
  }
}
