/** Keys of the pane with what a run writes. */
import type { Effect } from '../effects.ts';
import type { Binding } from '../keys.ts';
import { type Mode, type Model, tell } from '../model.ts';
import { findNext, follow, type Output, scrollOutput } from '../output.ts';
import { outputHeight, shownOutput } from '../output-pane.ts';
import { openPrompt } from '../prompt.ts';
import { cancelRun, showOutput } from './start.ts';

const OUTPUT: readonly Mode[] = ['output'];
/** Characters by which an output is moved to the side. */
const SIDE_STEP = 20;

/** Does `act` with the output that is shown. */
function withOutput(act: (output: Output, height: number, model: Model) => Effect | undefined) {
  return (model: Model): Effect | undefined => {
    const output = shownOutput(model);
    return output === undefined ? undefined : act(output, outputHeight(model), model);
  };
}

function scrollBy(count: (height: number) => number) {
  return withOutput((output, height) => void scrollOutput(output, count(height), height));
}

function shift(step: number) {
  return withOutput((output) => {
    output.column = Math.max(0, output.column + step);
    return undefined;
  });
}

function goOn(step: number) {
  return withOutput((output, height) => void findNext(output, step, height));
}

/** To the output so many places on. */
function turn(step: number) {
  return withOutput((output, _, model) => {
    const next = model.outputs[model.outputs.indexOf(output) + step];
    return next === undefined ? undefined : showOutput(model, next);
  });
}

function isSearched(model: Model): boolean {
  return (shownOutput(model)?.search ?? '') !== '';
}

/** Whether it runs, and was not told to end yet. */
function canCancel(model: Model): boolean {
  const output = shownOutput(model);
  return output?.endedAtMs === null && !output.isCancelled;
}

/** What runs goes on: only Ctrl-C ends it. */
function leaveOutput(model: Model, nowMs: number): undefined {
  const isRunning = shownOutput(model)?.endedAtMs === null;
  if (isRunning) tell(model, 'it goes on: o shows it again', nowMs);
  model.mode = 'rows';
  model.pane = null;
}

function isJob(model: Model): boolean {
  return shownOutput(model)?.spec.kind === 'job';
}

const cancelShown = withOutput((output, _, model) => cancelRun(model, output));

/** Asks whether the job is meant whose output is shown. */
function askToEnd(model: Model, { spec }: Output): undefined {
  if (spec.kind !== 'job') return;
  openPrompt(model, { kind: 'confirm', spec: { ...spec, kind: 'end' } });
}

function hasOthers({ outputs }: Model): boolean {
  return outputs.length > 1;
}

export const READING_BINDINGS: readonly Binding[] = [
  { modes: OUTPUT, keys: ['up', 'k'], help: 'line up', footer: 'scroll', run: scrollBy(() => -1) },
  {
    modes: OUTPUT,
    keys: ['down', 'j'],
    help: 'line down',
    footer: 'scroll',
    run: scrollBy(() => 1),
  },
  {
    modes: OUTPUT,
    keys: ['pageup', 'ctrl-u'],
    help: 'half a page up',
    run: scrollBy((height) => -(height >> 1)),
  },
  {
    modes: OUTPUT,
    keys: ['pagedown', 'ctrl-d'],
    help: 'half a page down',
    run: scrollBy((height) => height >> 1),
  },
  { modes: OUTPUT, keys: ['home', 'g'], help: 'first line', run: scrollBy(() => -Infinity) },
  { modes: OUTPUT, keys: ['end', 'G'], help: 'last line; follow', run: scrollBy(() => Infinity) },
  { modes: OUTPUT, keys: ['left', 'h'], help: 'to the left', run: shift(-SIDE_STEP) },
  { modes: OUTPUT, keys: ['right', 'l'], help: 'to the right', run: shift(SIDE_STEP) },
  {
    modes: OUTPUT,
    keys: ['ctrl-c'],
    help: 'end what runs',
    footer: 'end it',
    isHere: (model) => canCancel(model) && !isJob(model),
    run: cancelShown,
  },
  // A job goes on, whoever reads.
  {
    modes: OUTPUT,
    keys: ['ctrl-c'],
    footer: 'read no more',
    isHere: (model) => canCancel(model) && isJob(model),
    run: cancelShown,
  },
  {
    modes: OUTPUT,
    keys: ['ctrl-k'],
    help: 'end the job itself',
    footer: 'end the job',
    isHere: (model) => isJob(model) && !model.isReadOnly,
    run: withOutput((output, _, model) => askToEnd(model, output)),
  },
  {
    modes: OUTPUT,
    keys: ['f'],
    help: 'follow what comes',
    footer: 'follow',
    run: withOutput((output, height) => void follow(output, !output.isFollowing, height)),
  },
  {
    modes: OUTPUT,
    keys: ['/'],
    help: 'search',
    footer: 'search',
    run: (model) => openPrompt(model, { kind: 'search' }),
  },
  {
    modes: OUTPUT,
    keys: ['n'],
    help: 'next match',
    footer: 'next',
    isHere: isSearched,
    run: goOn(1),
  },
  {
    modes: OUTPUT,
    keys: ['N'],
    help: 'match before',
    footer: 'next',
    isHere: isSearched,
    run: goOn(-1),
  },
  {
    modes: OUTPUT,
    keys: ['w'],
    help: 'save in a file',
    footer: 'save',
    run: (model) => openPrompt(model, { kind: 'save' }),
  },
  {
    modes: OUTPUT,
    keys: ['['],
    help: 'output before',
    isHere: hasOthers,
    footer: 'others',
    run: turn(-1),
  },
  {
    modes: OUTPUT,
    keys: [']'],
    help: 'next output',
    isHere: hasOthers,
    footer: 'others',
    run: turn(1),
  },
  { modes: OUTPUT, keys: ['ctrl-c'], isHere: (m) => !canCancel(m), run: () => ({ kind: 'quit' }) },
  {
    modes: OUTPUT,
    keys: ['escape', 'q'],
    help: 'leave; it runs on',
    footer: 'leave',
    run: leaveOutput,
  },
];
