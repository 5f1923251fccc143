/** Cuts a stream of bytes into lines; a line that spans pieces is put together, characters stay whole. */
import { StringDecoder } from 'node:string_decoder';

export interface LineSplitter {
  push(bytes: Buffer): void;
  /** Hands over what is left without a line end, if anything. */
  end(): void;
}

/**
 * Calls `onLine` with each line, without its end. A line longer than `lengthMax` characters is handed
 * over in pieces of about that length, so that a stream without line ends does not fill the memory.
 */
export function createLineSplitter(
  onLine: (line: string) => void,
  lengthMax = Number.POSITIVE_INFINITY,
): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const emit = (text: string): void => {
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length < lengthMax) return;
    onLine(rest);
    rest = '';
  };
  return {
    push: (bytes) => emit(rest + decoder.write(bytes)),
    end(): void {
      emit(rest + decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
