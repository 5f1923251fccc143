/** Keys that do something on nodes, and what they ask for it. */

import { settle } from '../cursor.ts';
import type { Effect } from '../effects.ts';
import { formatCount } from '../figures.ts';
import type { Binding } from '../keys.ts';
import { type Mode, type Model, tell } from '../model.ts';
import { shownOutput } from '../output-pane.ts';
import {
  answerPrompt,
  leavePrompt,
  openPrompt,
  recallPrompt,
  rubPrompt,
  writePrompt,
} from '../prompt.ts';
import { READING_BINDINGS } from './reading-keys.ts';
import { showOutput, startRun } from './start.ts';

const ROWS: readonly Mode[] = ['rows', 'details'];
const CHORD: readonly Mode[] = ['chord'];
const PROMPT: readonly Mode[] = ['prompt'];

/** The node of the row under the cursor; undefined where it has none. */
function nodeHere(model: Model): string | undefined {
  settle(model);
  const { view, state } = model;
  const node = state.selected === null ? undefined : view.nodeOf?.(state.selected);
  return node !== undefined && model.nodes.slots.has(node) ? node : undefined;
}

/** The job of the row under the cursor; undefined where it has none. */
function jobHere(model: Model): { readonly node: string; readonly id: string } | undefined {
  settle(model);
  return model.view.jobOf?.(model.state.selected ?? '');
}

/** The nodes of the rows that are marked; where none is, of the one under the cursor. */
function nodesHere(model: Model): readonly string[] {
  const { view, state } = model;
  const marked = [...state.marked].flatMap((id) => view.nodeOf?.(id) ?? []);
  const known = [...new Set(marked)].filter((node) => model.nodes.slots.has(node));
  if (known.length > 0) return known;
  const node = nodeHere(model);
  return node === undefined ? [] : [node];
}

function hasNodes({ view }: Model): boolean {
  return view.nodeOf !== undefined;
}

function hasJobs({ view }: Model): boolean {
  return view.jobOf !== undefined;
}

function refuse(model: Model, nowMs: number): undefined {
  tell(model, 'read-only: nothing is run or changed from here', nowMs);
}

function tellNobody(model: Model, nowMs: number): undefined {
  tell(model, 'there is no node under the cursor', nowMs);
}

/** Does `act` with the node under the cursor, if there is one. */
function withNode(act: (model: Model, node: string, nowMs: number) => Effect | undefined) {
  return (model: Model, nowMs: number): Effect | undefined => {
    const node = nodeHere(model);
    return node === undefined ? tellNobody(model, nowMs) : act(model, node, nowMs);
  };
}

function withNodes(act: (model: Model, nodes: readonly string[]) => undefined) {
  return (model: Model, nowMs: number): undefined => {
    const nodes = nodesHere(model);
    model.mode = 'rows';
    if (nodes.length > 0) act(model, nodes);
    else tellNobody(model, nowMs);
  };
}

/** Runs on the one node under the cursor: where others are marked, that could be a mistake. */
const execHere = withNode((model, node, nowMs) => {
  const { size } = model.state.marked;
  if (size === 0) return openPrompt(model, { kind: 'exec', nodes: [node], isConfirmed: false });
  const marked = `${formatCount(size)} ${size === 1 ? 'is' : 'are'} marked`;
  tell(model, `${marked}: ^K x runs on ${size === 1 ? 'it' : 'them'}; Esc clears`, nowMs);
  return undefined;
});

/** What only looks: also where nothing may be changed. */
const LOOKING: readonly Binding[] = [
  {
    modes: ROWS,
    keys: ['i'],
    help: 'facts, to search in',
    isHere: hasNodes,
    run: withNode((model, node, nowMs) => startRun(model, { kind: 'info', node }, nowMs)),
  },
  {
    modes: ROWS,
    keys: ['T'],
    help: 'trace: the way',
    isHere: hasNodes,
    run: withNode((model, node, nowMs) => startRun(model, { kind: 'trace', node }, nowMs)),
  },
  {
    modes: ROWS,
    keys: ['s'],
    help: 'sniff: what passes',
    isHere: hasNodes,
    run: withNode((model, node) => openPrompt(model, { kind: 'sniff', node })),
  },
  {
    modes: ROWS,
    keys: ['J'],
    help: 'output of a job',
    isHere: hasNodes,
    run: withNode((model, node) => openPrompt(model, { kind: 'job', node }, jobHere(model)?.id)),
  },
  {
    modes: ROWS,
    keys: ['o'],
    footer: 'output',
    isHere: hasJobs,
    run: (model, nowMs) => {
      const job = jobHere(model);
      return job === undefined ? undefined : startRun(model, { kind: 'job', ...job }, nowMs);
    },
  },
  {
    modes: ROWS,
    keys: ['o'],
    help: 'output (of the job)',
    isHere: (model) => model.outputs.length > 0 && !hasJobs(model),
    run: (model) => {
      const output = shownOutput(model) ?? model.outputs.at(-1);
      return output === undefined ? undefined : showOutput(model, output);
    },
  },
];

const DOING: readonly Binding[] = [
  {
    modes: ROWS,
    keys: ['x'],
    help: 'exec on the node',
    isHere: hasNodes,
    run: execHere,
  },
  {
    modes: ROWS,
    keys: ['ctrl-k'],
    help: 'x, c on marked ones',
    isHere: hasNodes,
    run: (model) => {
      model.mode = 'chord';
      return undefined;
    },
  },
  {
    modes: CHORD,
    keys: ['x'],
    footer: 'exec',
    run: withNodes((model, nodes) => openPrompt(model, { kind: 'exec', nodes, isConfirmed: true })),
  },
  {
    modes: CHORD,
    keys: ['c'],
    footer: 'copy a file there',
    run: withNodes((model, nodes) => openPrompt(model, { kind: 'file', nodes })),
  },
];

const REFUSING: readonly Binding[] = [
  { modes: ROWS, keys: ['x', 'ctrl-k'], isHere: hasNodes, run: refuse },
];

const TYPING: readonly Binding[] = [
  {
    modes: CHORD,
    keys: ['escape'],
    footer: 'back',
    run: (model) => {
      model.mode = 'rows';
      return undefined;
    },
  },
  { modes: PROMPT, keys: ['return'], footer: 'do it', run: answerPrompt },
  { modes: PROMPT, keys: ['up'], footer: 'last one', isHere: hasLast, run: recallPrompt },
  { modes: PROMPT, keys: ['backspace'], run: rubPrompt },
  { modes: PROMPT, keys: ['ctrl-u'], run: (model) => writePrompt(model, '') },
  { modes: PROMPT, keys: ['escape'], footer: 'back', run: leavePrompt },
];

function hasLast({ prompt, lastAnswers }: Model): boolean {
  return prompt?.text === '' && lastAnswers.has(prompt.ask.kind);
}

/** The keys that do something on nodes. Where nothing may be changed, those that would say so. */
export function runBindings({ isReadOnly }: Model): readonly Binding[] {
  return [...(isReadOnly ? REFUSING : DOING), ...LOOKING, ...TYPING, ...READING_BINDINGS];
}
