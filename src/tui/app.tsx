/**
 * What Ink does for us: it takes the terminal and gives it back, and it reads keys. It draws
 * nothing (ADR 0026): the screen is painted beside it, by painter.ts.
 */
import { useApp, useInput } from 'ink';
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

export function Keyboard({ hasKeys, onKey, onReady }: KeyboardProps) {
  const { suspendTerminal } = useApp();
  useEffect(() => onReady(() => suspendTerminal()), [onReady, suspendTerminal]);
  useInput((input, press) => keysOf(input, press).forEach(onKey), { isActive: hasKeys });
  return null;
}
