/** Writing to stdout: data only, one record per line. */

/** Writes a line of text. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes one record of a stream (NDJSON). */
export function printRecord(record: unknown): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

/**
 * Writes a line, and settles when it is written; false when it was not: nobody reads, or the disk
 * is full. Who listens for errors of stdout hears why.
 */
export function writeLine(text: string): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.write(`${text}\n`, (error) => resolve(error === null || error === undefined));
  });
}

/** Settles when stdout has taken what was written; undefined when it has. */
export function stdoutDrained(): Promise<unknown> | undefined {
  const { stdout } = process;
  if (!stdout.writableNeedDrain) return undefined;
  return new Promise((resolve) => stdout.once('drain', resolve));
}

/**
 * Makes what holds up its caller until stdout has taken what was written, or it is over; undefined
 * when there is nothing to wait for. For one caller at a time.
 */
export function createPace(over: Promise<void>): () => Promise<void> | undefined {
  const { stdout } = process;
  let isOver = false;
  let wake: () => void = () => undefined;
  void over.then(() => {
    isOver = true;
    wake();
  });
  return () => {
    if (isOver || !stdout.writableNeedDrain) return undefined;
    return new Promise((resolve) => {
      wake = resolve;
      stdout.once('drain', resolve);
    });
  };
}

/** Cells of a line of stdout: those of the terminal, or as many as it takes where nobody looks. */
export function lineWidth(): number {
  const { isTTY, columns } = process.stdout;
  return isTTY === true && columns > 0 ? columns : Number.POSITIVE_INFINITY;
}

/** Writes one document. */
export function printDocument(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

/**
 * Whether colours are wanted on a stream: NO_COLOR, DAGENT_NO_COLOR, CLICOLOR_FORCE, then the
 * terminal.
 */
export function hasColour(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR, DAGENT_NO_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM } = process.env;
  if (NO_COLOR || DAGENT_NO_COLOR || TERM === 'dumb') return false;
  if (CLICOLOR_FORCE && CLICOLOR_FORCE !== '0') return true;
  return stream.isTTY === true && CLICOLOR !== '0';
}
