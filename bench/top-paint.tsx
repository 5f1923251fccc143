/** Ink as `dagent top` uses it, on any stream: bundled and loaded by top-frame.ts. */
import { render, Transform } from 'ink';

export interface Painter {
  paint(lines: readonly string[]): void;
  close(): void;
}

/** What draws lines on `stdout`. */
export function createPainter(stdout: NodeJS.WritableStream): Painter {
  const element = (lines: readonly string[]) => (
    <Transform transform={(_, index) => lines[index] ?? ''}>
      {' \n'.repeat(lines.length).slice(0, -1)}
    </Transform>
  );
  const ink = render(element([' ']), {
    stdout,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: 1_000,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
  });
  return { paint: (lines) => ink.rerender(element(lines)), close: () => ink.unmount() };
}
