/** A plugin under supervision without a process: the test says what happens, and when. */
import type { PluginInput, PluginOutcome, PluginOutput } from '../../src/plugins/io.ts';
import { step } from '../../src/plugins/plugin.ts';
import { createPlugin, nextId, type Plugin } from '../../src/plugins/state.ts';

type OfKind<Kind extends PluginOutput['kind']> = Extract<PluginOutput, { kind: Kind }>;

export const HELLO = {
  type: 'hello',
  protocol: 1,
  name: 'weather',
  version: '1.2',
  classes: { weather: { doc: 'Weather.', methods: { now: { doc: 'Now.', args: ['city'] } } } },
};

export class PluginBench {
  readonly plugin: Plugin;
  nowMs = 1_000;
  /** All outputs so far. */
  readonly outputs: PluginOutput[] = [];

  constructor(seed = 1) {
    const config = { node: 'here', version: '0.0.1', file: 'weather.py', seed };
    this.plugin = createPlugin(config, this.nowMs);
  }

  /** Feeds an input; returns what it caused. */
  feed(input: PluginInput): PluginOutput[] {
    const outputs = step(this.plugin, input, this.nowMs);
    this.outputs.push(...outputs);
    return outputs;
  }

  /** Lets time pass, with a tick whenever the plugin has asked for one. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    let tickCount = 0;
    while (this.plugin.wakeAtMs <= untilMs) {
      if (++tickCount > 100_000) throw new Error(`it wants to be woken for ever: ${ms} ms`);
      this.nowMs = Math.max(this.nowMs, this.plugin.wakeAtMs);
      this.feed({ kind: 'tick' });
    }
    this.nowMs = untilMs;
  }

  /** The plugin writes lines. */
  say(...lines: readonly (object | string)[]): PluginOutput[] {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    const bytes = Buffer.from(`${text.join('\n')}\n`);
    return this.feed({ kind: 'output', channel: 'stdout', bytes });
  }

  /** Starts it, with a hello that is taken. */
  run(hello: object = HELLO): void {
    this.feed({ kind: 'tick' });
    this.feed({ kind: 'spawned', pid: 7 });
    const outputs = this.say(hello);
    const greeted = outputs.find((output) => output.kind === 'greeted');
    if (greeted === undefined) throw new Error(`not greeted: ${JSON.stringify(this.plugin.error)}`);
    this.feed({ kind: 'accepted', hello: greeted.hello });
  }

  /** Asks for something; its id. */
  ask(timeoutMs = 5_000, method = 'weather.now'): number {
    const id = nextId(this.plugin);
    this.feed({ kind: 'ask', id, type: 'call', method, timeoutMs, line: { method } });
    return id;
  }

  all<Kind extends PluginOutput['kind']>(kind: Kind): OfKind<Kind>[] {
    return this.outputs.filter((output): output is OfKind<Kind> => output.kind === kind);
  }

  count(kind: PluginOutput['kind']): number {
    return this.all(kind).length;
  }

  /** What became of something that was asked. */
  outcome(id: number): PluginOutcome | undefined {
    const settled = this.all('settle').filter((output) => output.id === id);
    if (settled.length > 1) throw new Error(`${id} was settled ${settled.length} times`);
    return settled[0]?.outcome;
  }

  /** The code of the error that it ended with. */
  code(id: number): string | undefined {
    const outcome = this.outcome(id);
    return outcome !== undefined && 'error' in outcome ? outcome.error.code : undefined;
  }

  /** What was written to its stdin. */
  get written(): Record<string, unknown>[] {
    return this.all('write').map(({ bytes }) => JSON.parse(bytes.toString()));
  }

  get signals(): string[] {
    return this.all('kill').map(({ signal }) => signal);
  }

  get messages(): string[] {
    return this.all('log').map(({ message }) => message);
  }
}
