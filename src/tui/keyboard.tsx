/**
 * What Ink does for us: it takes the terminal and gives it back, and it reads keys. It draws
 * nothing (ADR 0026): the screen is painted beside it, by painter.ts. It is loaded when there is
 * something to read on the screen already.
 */
import { type Instance, render, useApp, useInput } from 'ink';
import { useEffect } from 'react';
import { keysOf } from './input.ts';

/** Gives the terminal away, to the shell; resolves to what takes it back. */
export type SuspendTerminal = () => Promise<{ resume(): Promise<void> }>;

export interface KeyboardProps {
  /** Whether there is a keyboard at the other end of stdin. */
  readonly hasKeys: boolean;
  readonly onKey: (key: string) => void;
  readonly onReady: (suspend: SuspendTerminal) => void;
}

export interface KeyboardOptions extends KeyboardProps {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

function Keyboard({ hasKeys, onKey, onReady }: KeyboardProps) {
  const { suspendTerminal } = useApp();
  useEffect(() => onReady(() => suspendTerminal()), [onReady, suspendTerminal]);
  useInput((input, press) => keysOf(input, press).forEach(onKey), { isActive: hasKeys });
  return null;
}

/** Takes the terminal. */
export function mountKeyboard({ stdin, stdout, ...props }: KeyboardOptions): Instance {
  return render(<Keyboard {...props} />, {
    stdout,
    stdin,
    alternateScreen: true,
    exitOnCtrlC: false,
    patchConsole: false,
    // A terminal is a terminal, also where some variable says that this is a build.
    interactive: true,
    // There the plain output is what can be read.
    isScreenReaderEnabled: false,
  });
}
