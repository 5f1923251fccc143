/**
 * What Ink does for us: it reads keys, with the terminal in raw mode for as long as that. It writes
 * nothing (ADR 0026): the screen is ours, and there is something to read on it before Ink is
 * loaded.
 */
import { Writable } from 'node:stream';
import { type Instance, render, useApp, useInput } from 'ink';
import { useEffect } from 'react';
import { keysOf } from './input.ts';

/** Gives the keyboard away, to the shell; resolves to what takes it back. */
export type SuspendKeyboard = () => Promise<{ resume(): Promise<void> }>;

export interface KeyboardProps {
  /** Whether there is a keyboard at the other end of stdin. */
  readonly hasKeys: boolean;
  readonly onKey: (key: string) => void;
  readonly onReady: (suspend: SuspendKeyboard) => void;
}

export interface KeyboardOptions extends KeyboardProps {
  readonly stdin: NodeJS.ReadStream;
}

function Keyboard({ hasKeys, onKey, onReady }: KeyboardProps) {
  const { suspendTerminal } = useApp();
  useEffect(() => onReady(() => suspendTerminal()), [onReady, suspendTerminal]);
  useInput((input, press) => keysOf(input, press).forEach(onKey), { isActive: hasKeys });
  return null;
}

/** What Ink takes for its terminal: it would erase, scroll and place a cursor on ours. */
function createNowhere(): NodeJS.WriteStream {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Without a size, Ink would run programs to find one.
  return Object.assign(nowhere, { columns: 80, rows: 24 }) as unknown as NodeJS.WriteStream;
}

/** Takes the keyboard. */
export function mountKeyboard({ stdin, ...props }: KeyboardOptions): Instance {
  return render(<Keyboard {...props} />, {
    stdout: createNowhere(),
    stdin,
    exitOnCtrlC: false,
    patchConsole: false,
    // A keyboard is one, also where some variable says that this is a build.
    interactive: true,
    // There the plain output is what can be read.
    isScreenReaderEnabled: false,
  });
}
