/** Begins and ends what runs on nodes, as far as the model knows of it. */
import { TOP_OUTPUTS_MAX } from '../../protocol/limits.ts';
import type { Effect } from '../effects.ts';
import { type Model, tell } from '../model.ts';
import { createOutput, type Output, type OutputNews, takeNews } from '../output.ts';
import type { RunSpec } from './spec.ts';

export function showOutput(model: Model, { id }: Output): undefined {
  model.outputId = id;
  model.pane = 'output';
  model.mode = 'output';
}

/** Makes room for another output: the oldest that has ended goes. Whether there is any. */
function makeRoom({ outputs }: Model): boolean {
  if (outputs.length < TOP_OUTPUTS_MAX) return true;
  const at = outputs.findIndex(({ endedAtMs }) => endedAtMs !== null);
  if (at < 0) return false;
  outputs.splice(at, 1);
  return true;
}

/** Begins it, and shows what it writes. */
export function startRun(model: Model, spec: RunSpec, nowMs: number): Effect | undefined {
  if (!makeRoom(model)) {
    const text = `${TOP_OUTPUTS_MAX} others still run: end one first (o shows them, ^C ends)`;
    tell(model, text, nowMs);
    return undefined;
  }
  const output = createOutput(
    model.outputs.reduce((max, { id }) => Math.max(max, id), 0) + 1,
    spec,
    nowMs,
  );
  model.outputs.push(output);
  showOutput(model, output);
  return { kind: 'run', id: output.id, spec };
}

/** Has it end. What it still says is shown. */
export function cancelRun(model: Model, { id }: Output): Effect {
  const output = model.outputs.find((each) => each.id === id);
  if (output !== undefined) output.isCancelled = true;
  return { kind: 'cancel', id };
}

/** Takes in what is new of a run; of one that is no longer kept it is dropped. */
export function takeRunNews(model: Model, id: number, news: OutputNews): void {
  const output = model.outputs.find((each) => each.id === id);
  if (output !== undefined) takeNews(output, news);
}

export function endRun(model: Model, id: number, nowMs: number): void {
  const output = model.outputs.find((each) => each.id === id);
  if (output !== undefined) output.endedAtMs = nowMs;
}
