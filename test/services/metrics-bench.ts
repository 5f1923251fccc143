/** A node whose series can be asked for, and its children, which the test plays. */
import { createLineSplitter } from '../../src/base/lines.ts';
import type { Answering } from '../../src/endpoint/answering.ts';
import type { Asking } from '../../src/endpoint/asking.ts';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import { pack } from '../../src/protocol/pack.ts';
import { type MetricsAnswer, parseSeriesLine, type Series } from '../../src/protocol/series.ts';
import { Metrics } from '../../src/services/metrics.ts';
import { answering, createPair, quiet } from '../endpoint/pair.ts';
import { FakeView } from './view.ts';

export function counterOf(name: string, total: number): Series {
  return { name, unit: '', doc: '', kind: 'counter', total, perMinute: null };
}

interface Asked {
  readonly child: string;
  readonly args: readonly unknown[];
  readonly timeoutMs: number;
  readonly asking: Asking;
  readonly exchange: Answering;
}

/** What was asked for, and what came. */
export interface Got {
  readonly asking: Asking;
  readonly series: Series[];
}

export class MetricsBench {
  readonly view = new FakeView();
  readonly children: string[] = [];
  readonly asked: Asked[] = [];
  readonly cancelled: string[] = [];
  own: Series[] = [];
  readonly #pair = createPair();

  constructor() {
    const metrics = new Metrics({
      view: this.view,
      own: () => Promise.resolve(this.own),
      children: () => this.children,
      ask: (child, method, args, timeoutMs) => this.#ask(child, method, { args, timeoutMs }),
    });
    this.#pair.there.handle('dagent', answering(metrics.methods));
  }

  /** A child that is linked. */
  child(name: string): this {
    this.children.push(name);
    this.view.add(name, 'top');
    return this;
  }

  #ask(
    child: string,
    method: string,
    call: { readonly args: readonly unknown[]; readonly timeoutMs: number },
  ): Asking {
    const { here, there } = createPair();
    there.handle('dagent', {
      onRequest: (exchange) => {
        exchange.onCancel = () => this.cancelled.push(child);
        this.asked.push({ child, ...call, asking, exchange });
      },
    });
    const asking = openCall(here, 'there:', method, { args: call.args });
    return asking;
  }

  /** Asks the node. */
  async get(...args: readonly unknown[]): Promise<Got> {
    const asking = openCall(this.#pair.here, 'there:', 'metrics.get', { args });
    const series: Series[] = [];
    const lines = createLineSplitter((line) => {
      const each = parseSeriesLine(line.toString());
      if (each !== undefined) series.push(each);
    });
    asking.onData = (_, bytes) => {
      lines.push(bytes);
      asking.grant(bytes.length);
    };
    await quiet();
    return { asking, series };
  }

  /** What a child is asked. */
  question(child: string): Asked {
    const found = this.asked.find((each) => each.child === child);
    if (found === undefined) throw new Error(`${child} is not asked`);
    return found;
  }

  /** A child says something, and is not done. */
  async say(child: string, ...lines: readonly unknown[]): Promise<void> {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    this.question(child).exchange.write(1, Buffer.from(text));
    await quiet();
  }

  /** A child is done. */
  async end(child: string, more: Partial<MetricsAnswer> | null = {}): Promise<void> {
    const answer = { nodes: 1, silent: [], silentMore: 0, leftOut: 0, ...more };
    this.question(child).exchange.reply({ command: '', data: pack(more && answer) });
    await quiet();
    await quiet();
  }
}

/** The value at the end. */
export async function answerOf({ asking }: Got): Promise<MetricsAnswer> {
  return decodeValue((await asking.outcome).data) as MetricsAnswer;
}
