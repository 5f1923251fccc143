/**
 * What Ink draws and reads. It is handed finished lines and hands on keys: no state, no layout.
 *
 * The lines do not go in as text. Ink measures and wraps every text that it has not seen, and keeps
 * some thousands of them: with the screen as one text that came to 26 kB for each frame, until
 * there were a hundred megabytes. A transform runs after the measuring, so the text here is a blank
 * block that never changes, and each of its lines is replaced by one of ours. (Ink 8.0, 200x60: 7.6
 * ms a frame and nothing retained; 9.4 ms with one text for each line, 13.7 ms with one for all.)
 */
import { Transform, useApp, useInput } from 'ink';
import { useEffect } from 'react';
import { keysOf } from './input.ts';

/** Gives the terminal away, to the shell; resolves to what takes it back. */
export type SuspendTerminal = () => Promise<{ resume(): Promise<void> }>;

export interface ScreenProps {
  readonly lines: readonly string[];
  /** Whether there is a keyboard at the other end of stdin. */
  readonly hasKeys: boolean;
  readonly onKey: (key: string) => void;
  readonly onReady: (suspend: SuspendTerminal) => void;
}

export function Screen({ lines, hasKeys, onKey, onReady }: ScreenProps) {
  const { suspendTerminal } = useApp();
  useEffect(() => onReady(() => suspendTerminal()), [onReady, suspendTerminal]);
  useInput((input, press) => keysOf(input, press).forEach(onKey), { isActive: hasKeys });
  const blank = ' \n'.repeat(lines.length).slice(0, -1);
  return <Transform transform={(_, index) => lines[index] ?? ''}>{blank}</Transform>;
}
