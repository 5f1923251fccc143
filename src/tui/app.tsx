/**
 * What Ink does for us: it takes the terminal and gives it back, and it reads keys. It draws
 * nothing (ADR 0026): the screen is painted beside it, by painter.ts.
 */
import { useApp, useInput } from 'ink';
import { useEffect } from 'react';
import { keysOf } from './input.ts';
import { isMouseReport, type MouseEvent, parseMouse } from './mouse.ts';

/** Gives the terminal away, to the shell; resolves to what takes it back. */
export type SuspendTerminal = () => Promise<{ resume(): Promise<void> }>;

export interface KeyboardProps {
  /** Whether there is a keyboard at the other end of stdin. */
  readonly hasKeys: boolean;
  readonly onKey: (key: string) => void;
  readonly onMouse: (mouse: MouseEvent) => void;
  readonly onReady: (suspend: SuspendTerminal) => void;
}

export function Keyboard({ hasKeys, onKey, onMouse, onReady }: KeyboardProps) {
  const { suspendTerminal } = useApp();
  useEffect(() => onReady(() => suspendTerminal()), [onReady, suspendTerminal]);
  const onInput: Parameters<typeof useInput>[0] = (input, press) => {
    const mouse = parseMouse(input);
    if (mouse !== undefined) onMouse(mouse);
    else if (!isMouseReport(input)) keysOf(input, press).forEach(onKey);
  };
  useInput(onInput, { isActive: hasKeys });
  return null;
}
