/** The details of a node: what is drawn of its figures, its hour, its links and its flags. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LinkStatus } from '../../../src/client/links.ts';
import type { ListedFlag } from '../../../src/protocol/flag.ts';
import type { NodeHistory, Series } from '../../../src/protocol/history.ts';
import type { NodeStatus } from '../../../src/protocol/status.ts';
import type { Model } from '../../../src/tui/model.ts';
import { drawScreen } from '../../../src/tui/screen.ts';
import { update } from '../../../src/tui/update.ts';
import { modelOf, NOW_MS, nodeOf, press, screenOf } from '../nodes.ts';

/** Nothing for half an hour, then a ramp from 0 to 100 %, then a minute without news. */
const RAMP: Series = Array.from({ length: 60 }, (_, minute) =>
  minute < 30 || minute === 59 ? null : ((minute - 30) * 100) / 28,
);
/** Of five, the scale of four processors. */
const FLAT: Series = Array.from({ length: 60 }, () => 0.42);

const HISTORY: NodeHistory = {
  node: 'web1',
  endAtMs: NOW_MS,
  stepMs: 60_000,
  tracks: [
    { id: 'cpuPercent', kind: 'mean', values: RAMP },
    { id: 'cpuPercent', kind: 'max', values: RAMP.map((each) => each && Math.min(100, each * 2)) },
    { id: 'load1', kind: 'mean', values: FLAT },
    { id: 'queueBytes', kind: 'max', values: FLAT.map(() => 0) },
  ],
};

const LINK: LinkStatus = {
  peer: 'root1',
  as: 'parent',
  rttMs: 0.42,
  heardMs: 1_000,
  sentBytes: 2_048,
  heardBytes: 1_024,
  isSlow: false,
};

const FLAG: ListedFlag = {
  node: 'web1',
  nodeState: 'up',
  service: 'orders',
  section: 'db',
  flag: 'down',
  state: 'raised',
  priority: 'error',
  tags: [],
  message: 'refused\x1b[2J',
  isManual: false,
  count: 3,
  firstAtMs: NOW_MS - 120_000,
  lastAtMs: NOW_MS,
  by: 'web1:orders',
};

function tell(model: Model, source: 'history' | 'links' | 'nodeFlags', value: unknown): void {
  update(model, { kind: 'fetched', fetch: { source, node: 'web1' }, answer: { value } }, NOW_MS);
}

/** The details of web1, all of which has come. */
function detailed(columns: number, rows: number, isAscii = false): Model {
  const { sample } = nodeOf('web1');
  const busy = nodeOf('web1', { parent: 'root1', sample: { ...sample!, cpuPercent: 34 } });
  const model = modelOf([nodeOf('root1', { role: 'root' }), busy], { columns, rows }, { isAscii });
  press(model, 'down', 'return');
  tell(model, 'history', HISTORY);
  tell(model, 'links', [{ ...LINK, as: 'client', peer: 'shop', isSlow: true }, LINK]);
  tell(model, 'nodeFlags', [{ ...FLAG, priority: 'info', flag: 'note', count: 1 }, FLAG]);
  return model;
}

test('a figure stands with its hour: what is not known is blank, what is zero is not', () => {
  const screen = screenOf(detailed(120, 80), NOW_MS + 3_000);
  assert.match(screen, /^figures {2}3s old; last hour, 3s old$/m);
  assert.match(screen, /^ {2}cpu +34% {32}▁▂+▃.*▇+█+ {3}peak 100%$/m);
  assert.match(screen, /^ {2}load +0\.42 {2}▂{60} {2}peak 0\.42$/m);
  assert.match(screen, /^ {2}queue +- {2}▁{60} {2}peak 0$/m);
});

test('a value that is higher than the hour before it is the peak, and within the scale', () => {
  const { sample } = nodeOf('web1');
  const loaded = nodeOf('web1', { sample: { ...sample!, load1: 7.5 } });
  const model = modelOf([loaded], { columns: 120, rows: 80 });
  press(model, 'return');
  tell(model, 'history', HISTORY);
  const screen = screenOf(model);
  assert.match(screen, /^ {2}load +7\.50 {2}▂{60} {2}peak 7\.50$/m);
  assert.match(screen, /load {2}7\.50 *\n.* 10\.0$/m);
});

test('the scale of bytes is round in units of 1024', () => {
  const tracks = [{ id: 'queueBytes', kind: 'max', values: FLAT.map(() => 1_600_000) }] as const;
  const model = modelOf([nodeOf('web1')], { columns: 120, rows: 80 });
  press(model, 'return');
  tell(model, 'history', { ...HISTORY, tracks });
  const screen = screenOf(model);
  assert.match(screen, /queue +.*peak 1\.5M$/m);
  assert.match(screen, /queue {2}- *\n +2\.0M /m);
});

test('of a node with others below it there is what all of them have together', () => {
  const sampled = (name: string, parent: string | null, cpuPercent: number) => {
    const { sample } = nodeOf(name);
    const netInBytesPerSecond = 1_000 * cpuPercent;
    return nodeOf(name, { parent, sample: { ...sample!, cpuPercent, netInBytesPerSecond } });
  };
  const model = modelOf(
    [
      sampled('root1', null, 10),
      sampled('agent1', 'root1', 20),
      sampled('web1', 'agent1', 90),
      { ...sampled('web2', 'agent1', 100), state: 'lost' },
      nodeOf('web3', { parent: 'agent1', sample: null }),
    ],
    { columns: 120, rows: 80 },
  );
  press(model, 'return');
  const screen = screenOf(model);
  assert.match(screen, /^with all below {2}5 nodes, 1 of them lost$/m);
  assert.match(screen, /^ {2}cpu +mean 40%, most 90% at web1$/m);
  assert.match(screen, /^ {2}load +1\.26 on 12 processors$/m);
  assert.match(screen, /^ {2}memory +38%, 18G of 48G$/m);
  assert.match(screen, /^ {2}net in\/s +117K$/m);
  assert.not.match(screenOf(detailed(120, 80)), 'with all below');
});

test('nodes that are reported below each other are added once', () => {
  const model = modelOf([nodeOf('a', { parent: 'b' }), nodeOf('b', { parent: 'a' })], { rows: 60 });
  press(model, 'return');
  assert.match(screenOf(model), /^with all below {2}2 nodes$/m);
});

test('where it is narrow, two minutes share a cell', () => {
  assert.match(screenOf(detailed(80, 80)), /^ {2}load +0\.42 {2}▂{30} {2}peak 0\.42$/m);
});

test('charts have a scale and a time, and stand side by side where there is room', () => {
  const narrow = screenOf(detailed(80, 80)).split('\n');
  const at = narrow.findIndex((line) => /^ {8}cpu {2}34%$/.test(line));
  assert.match(narrow[at + 1] ?? '', /^ {3}100% {31,}/);
  assert.match(narrow[at + 5] ?? '', /^ {8}-60m +-30m +now$/);
  const wide = screenOf(detailed(150, 80));
  assert.match(wide, /^ {8}cpu {2}34% {60,}load {2}0\.42$/m);
});

test('ASCII has charts of its own', () => {
  const screen = screenOf(detailed(100, 80, true));
  assert.match(screen, /^ {2}cpu +34% .*_.*#/m);
  assert.match(screen, /^[\x20-\x7e\n]*$/);
});

test('flags and links are listed, what is in trouble before the rest, and nothing acts', () => {
  const screen = screenOf(detailed(100, 80), NOW_MS + 1_000);
  assert.match(screen, /^ {2}error {4}orders\/db\/down {2}for 2m, 3 times {2}refused\\x1b\[2J$/m);
  assert.ok(screen.indexOf('error ') < screen.indexOf('info '));
  assert.match(screen, /^ {2}parent {2}root1 {2}0\.42ms {2}1s {5}1\.0 KiB {2}2\.0 KiB$/m);
  assert.match(screen, /^ {2}client {2}shop .* does not keep up$/m);
});

test('figures that are old, or of who is lost, are faint', () => {
  const faintAt = (ms: number, more: Partial<NodeStatus> = {}) => {
    const model = modelOf([nodeOf('web1', more)], { rows: 60 });
    press(model, 'return');
    const line = drawScreen(model, NOW_MS + ms).find((each) => each.includes('load  '));
    return line?.includes('\x1b[2m  0.42');
  };
  assert.equal([faintAt(15_000), faintAt(15_001)], [false, true]);
  assert.is(faintAt(0, { state: 'lost' }), true);
});

test('of a node that is lost there is for how long, and the flags that the top has kept', () => {
  const model = modelOf([nodeOf('web1')], { columns: 120, rows: 80 });
  const node: NodeStatus = { ...nodeOf('web1'), state: 'lost' };
  update(model, { kind: 'record', record: { type: 'node', node } }, NOW_MS);
  const due = update(model, { kind: 'key', key: 'return' }, NOW_MS);
  const fetches = due.flatMap((effect) => (effect.kind === 'fetch' ? [effect.fetch] : []));
  assert.equal(fetches.map(({ source }) => source).sort(), ['flags', 'history']);
  const flags = [FLAG, { ...FLAG, node: 'web2', flag: 'other' }];
  const answer = { value: { flags, omitted: 0 } };
  update(model, { kind: 'fetched', fetch: { source: 'flags', nodes: [] }, answer }, NOW_MS);
  const screen = screenOf(model, NOW_MS + 35_000);
  assert.match(screen, /^ {2}state +○ lost for 35s$/m);
  assert.match(screen, /^flags {2}1, 35s old$/m);
  assert.match(screen, /^ {2}error +orders.*down/m);
  assert.not.match(screen, 'other');
});

test('a history that cannot be had is said, and the figures stay', () => {
  const model = modelOf([nodeOf('web1')], { rows: 60 });
  press(model, 'return');
  const fetch = { source: 'history', node: 'web1' } as const;
  const answer = { reason: 'nothing is remembered of web1' };
  update(model, { kind: 'fetched', fetch, answer }, NOW_MS);
  const screen = screenOf(model);
  assert.match(screen, 'last hour: nothing is remembered of web1');
  assert.match(screen, /^ {2}load +0\.42$/m);
});

test('on a wide screen details stand beside the rows and follow the cursor', () => {
  const model = modelOf([nodeOf('a'), nodeOf('b')], { columns: 160 });
  press(model, 'return');
  const [head] = screenOf(model).split('\n').slice(2);
  assert.match(head ?? '', /^NAME .* │ a$/);
  press(model, 'down');
  assert.match(screenOf(model), /│ b$/m);
  press(model, 'tab', 'down', 'down');
  assert.match(screenOf(model), /│ {3}parent/m, 'the pane scrolls, and the cursor stays');
  press(model, 'tab', 'up');
  assert.match(screenOf(model), /│ a$/m);
  press(model, 'escape');
  assert.not.match(screenOf(model), '│');
});

test('on a narrow screen Tab goes to the details and back', () => {
  const model = modelOf([nodeOf('a'), nodeOf('b')]);
  press(model, 'tab');
  assert.is(model.mode, 'details');
  press(model, 'tab');
  assert.is(model.mode, 'rows');
  assert.match(screenOf(model), /^NAME/m);
});

test.run();
