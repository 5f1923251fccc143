/** Processes outside of the group of a command, that are played by the test. */
import type { Stray, Strays } from '../../src/ports/strays.ts';

export class FakeStrays implements Strays {
  /** Those that there are. */
  left: Stray[] = [];
  /** Whether one ends as soon as it is told. */
  isObedient = true;
  /** In their order: `SIGTERM 301`. */
  readonly signals: string[] = [];
  lookCount = 0;

  /** So many more begin. */
  add(count: number): void {
    for (let more = 0; more < count; more++) {
      this.left.push({ pid: 301 + this.left.length, startTicks: '7' });
    }
  }

  find(): Promise<readonly Stray[]> {
    this.lookCount += 1;
    return Promise.resolve([...this.left]);
  }

  signal(stray: Stray, signal: NodeJS.Signals): void {
    this.signals.push(`${signal} ${stray.pid}`);
    if (this.isObedient || signal === 'SIGKILL') {
      this.left = this.left.filter(({ pid }) => pid !== stray.pid);
    }
  }
}
