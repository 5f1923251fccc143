/** A line of text that is asked for at the bottom of the screen, and what is done with it. */
import { escapeLine } from '../base/escape.ts';
import type { Effect } from './effects.ts';
import { type Mode, type Model, tell } from './model.ts';
import { findNext, textOfOutput } from './output.ts';
import { outputHeight, shownOutput } from './output-pane.ts';
import { nameNodes, nodesOf, type RunSpec, titleOf } from './runs/spec.ts';
import { startRun } from './runs/start.ts';

type Nodes = readonly string[];

/** What is asked for. */
export type Ask =
  | { readonly kind: 'exec'; readonly nodes: Nodes; readonly isConfirmed: boolean }
  | { readonly kind: 'sniff'; readonly node: string }
  | { readonly kind: 'job'; readonly node: string }
  | { readonly kind: 'file'; readonly nodes: Nodes }
  | { readonly kind: 'path'; readonly nodes: Nodes; readonly file: string }
  /** The number of nodes, typed by who means it. */
  | { readonly kind: 'confirm'; readonly spec: RunSpec }
  | { readonly kind: 'search' }
  | { readonly kind: 'save' };

export interface Prompt {
  readonly ask: Ask;
  readonly text: string;
  /** What the keys do again when it is left. */
  readonly modeBehind: Mode;
}

/** Longest text: longer ones are better in a file. */
const TEXT_CHARS_MAX = 4_000;

/** What stands before the text. The first part may be cut, the second says what to type. */
export function labelOf(ask: Ask): readonly [what: string, type: string] {
  switch (ask.kind) {
    case 'exec':
      return [`exec on ${nameNodes(ask.nodes)}`, ': '];
    case 'sniff':
      return [`sniff ${ask.node}`, ', EXPR or nothing: '];
    case 'job':
      return [`output of a job on ${ask.node}`, ', ID: '];
    case 'file':
      return [`copy to ${nameNodes(ask.nodes)}`, ', FILE of this host: '];
    case 'path':
      return [`copy ${ask.file} to ${nameNodes(ask.nodes)}`, ', to PATH: '];
    case 'confirm': {
      const nodes = nodesOf(ask.spec);
      const count = `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`;
      return [titleOf(ask.spec), `  ${count}: type ${nodes.length} to do it: `];
    }
    case 'search':
      return ['', '/'];
    case 'save':
      return ['save', ' as FILE: '];
  }
}

/** Asks for it; `text` is what is written already. */
export function openPrompt(model: Model, ask: Ask, text = ''): undefined {
  const modeBehind = model.prompt?.modeBehind ?? model.mode;
  model.prompt = { ask, text, modeBehind };
  model.mode = 'prompt';
}

export function leavePrompt(model: Model): undefined {
  model.mode = model.prompt?.modeBehind ?? 'rows';
  model.prompt = null;
}

export function writePrompt(model: Model, text: string): undefined {
  if (model.prompt === null) return;
  model.prompt = { ...model.prompt, text: text.slice(0, TEXT_CHARS_MAX) };
}

/** Takes the last character away. */
export function rubPrompt(model: Model): undefined {
  const characters = Array.from(model.prompt?.text ?? '');
  return writePrompt(model, characters.slice(0, -1).join(''));
}

/** What was answered the last time, for an empty prompt. */
export function recallPrompt(model: Model): undefined {
  const { prompt, lastAnswers } = model;
  if (prompt?.text === '') writePrompt(model, lastAnswers.get(prompt.ask.kind) ?? '');
}

function confirm(model: Model, spec: RunSpec, text: string, nowMs: number): Effect | undefined {
  if (text.trim() === String(nodesOf(spec).length)) return startRun(model, spec, nowMs);
  tell(model, 'not done: the number of nodes was not typed', nowMs);
  return undefined;
}

function save(model: Model, path: string): Effect | undefined {
  const output = shownOutput(model);
  if (output === undefined || path === '') return undefined;
  return { kind: 'save', path, text: textOfOutput(output) };
}

function search(model: Model, text: string, nowMs: number): undefined {
  const output = shownOutput(model);
  if (output === undefined) return;
  output.search = text;
  output.found = -1;
  if (text === '' || findNext(output, 1, outputHeight(model))) return;
  tell(model, `nothing has ${escapeLine(text)} in it`, nowMs);
}

/** Does what was asked for. An empty answer to what needs one is none. */
export function answerPrompt(model: Model, nowMs: number): Effect | undefined {
  const { prompt } = model;
  if (prompt === null) return undefined;
  const { ask, text } = prompt;
  leavePrompt(model);
  if (text !== '' && ask.kind !== 'confirm') model.lastAnswers.set(ask.kind, text);
  switch (ask.kind) {
    case 'search':
      return search(model, text, nowMs);
    case 'save':
      return save(model, text);
    case 'sniff':
      return startRun(model, { kind: 'sniff', node: ask.node, expression: text }, nowMs);
    case 'job': {
      const id = text.trim();
      return id === '' ? undefined : startRun(model, { kind: 'job', node: ask.node, id }, nowMs);
    }
    case 'confirm':
      return confirm(model, ask.spec, text, nowMs);
    case 'exec': {
      if (text.trim() === '') return undefined;
      const spec = { kind: 'exec', nodes: ask.nodes, command: text } as const;
      if (!ask.isConfirmed) return startRun(model, spec, nowMs);
      return openPrompt(model, { kind: 'confirm', spec });
    }
    case 'file':
      return text === '' ? undefined : openPrompt(model, { ...ask, kind: 'path', file: text });
    case 'path': {
      const { nodes, file } = ask;
      if (text === '') return undefined;
      return openPrompt(model, {
        kind: 'confirm',
        spec: { kind: 'copy', nodes, file, path: text },
      });
    }
  }
}
