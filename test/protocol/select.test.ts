import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { selectNodes } from '../../src/protocol/select.ts';
import { parseSelector } from '../../src/protocol/selector-parser.ts';

interface Node {
  readonly record: Parameters<typeof selectNodes>[1][number]['record'];
  readonly state: 'up' | 'lost';
}

function nodeOf(name: string, parent: string | null, more: Partial<Node['record']> = {}): Node {
  const plain = { id: '00', role: 'leaf', services: [], version: '1.2.3', labels: {} } as const;
  return { record: { ...plain, name, parent, ...more }, state: 'up' };
}

const NODES: readonly Node[] = [
  nodeOf('hq', null, { role: 'root', version: '2.0.0' }),
  nodeOf('east', 'hq', { role: 'agent' }),
  nodeOf('west', 'hq', { role: 'agent' }),
  nodeOf('web1', 'east', { labels: { site: 'oslo', rack: 'r1' }, services: ['orders'] }),
  nodeOf('web2', 'east', { labels: { site: 'bergen' } }),
  { ...nodeOf('web10', 'west', { labels: { site: 'oslo' } }), state: 'lost' },
  nodeOf('db1', 'web2', { id: '0f' }),
];

function select(text: string): string {
  const { nodes, unknown } = selectNodes(parseSelector(text), NODES);
  const known = nodes.map(({ record }) => record.name).join(' ');
  return unknown.length === 0 ? known : `${known} unknown: ${unknown.join(' ')}`;
}

test('names, patterns and node sets', () => {
  assert.is(select('web1,db1'), 'web1 db1');
  assert.is(select('web*'), 'web1 web2 web10');
  assert.is(select('*1'), 'web1 db1');
  assert.is(select('w?b?'), 'web1 web2');
  assert.is(select('web[1-2]'), 'web1 web2');
  assert.is(select('[dw]*[0-1]'), 'web1 web10 db1');
  assert.is(select('[!w]*'), 'hq east db1');
  assert.is(select('*[1-10]'), 'web1 web2 web10 db1');
  assert.is(select('web[1-9]?'), 'web10');
  assert.is(select('{web,db}*'), 'web1 web2 web10 db1');
  assert.is(select('*'), NODES.map(({ record }) => record.name).join(' '));
});

test('conditions', () => {
  assert.is(select('site=oslo'), 'web1 web10');
  assert.is(select('site=*'), 'web1 web2 web10');
  assert.is(select('label:rack=r[1-2]'), 'web1');
  assert.is(select('role=root,role=agent'), 'hq east west');
  assert.is(select('state=lost'), 'web10');
  assert.is(select('version=2.*'), 'hq');
  assert.is(select('service=orders'), 'web1');
  assert.is(select('parent=hq'), 'east west');
  assert.is(select('id=0f'), 'db1');
  assert.is(select('name=web1'), 'web1');
});

test('under: is what is below, at any depth, without the node itself', () => {
  assert.is(select('under:east'), 'web1 web2 db1');
  assert.is(select('under:web2'), 'db1');
  assert.is(select('under:db1'), '');
  assert.is(select('under:*'), 'east west web1 web2 web10 db1');
  assert.is(select('east,under:east'), 'east web1 web2 db1');
  assert.is(select('under:{east,west} and not web*'), 'db1');
});

test('a circle of parents is walked once', () => {
  const circle = [nodeOf('a', 'b'), nodeOf('b', 'c'), nodeOf('c', 'b'), nodeOf('d', 'x')];
  const below = (text: string) =>
    selectNodes(parseSelector(text), circle).nodes.map(({ record }) => record.name);
  assert.equal(below('under:c'), ['a', 'b', 'c']);
  assert.equal(below('under:zz'), []);
  assert.equal(below('under:x'), ['d']);
});

test('and, or, not, and what they leave', () => {
  assert.is(select('web* and site=oslo and not state=lost'), 'web1');
  assert.is(select('web1 or role=agent'), 'east west web1');
  assert.is(select('not role=leaf'), 'hq east west');
  assert.is(select('not (role=leaf or hq)'), 'east west');
  assert.is(select('web1,web2 and site=oslo'), 'web1');
  assert.is(select('web* and db*'), '');
});

test('a name that nobody has stays a target as long as nothing is asked of it', () => {
  assert.is(select('web[1-3]'), 'web1 web2 unknown: web3');
  assert.is(select('web9 and not web9'), '');
  assert.is(select('web9 and not site=oslo'), ' unknown: web9');
  assert.is(select('web9 and site=oslo'), '');
  assert.is(select('web* and not web9'), 'web1 web2 web10');
  assert.is(select('web9 and web*'), ' unknown: web9');
});

test('what no node meets is told, with what may have been meant', () => {
  const { unmatched } = selectNodes(parseSelector('webb* or site=olso,web3 and not zz*'), NODES);
  assert.equal(unmatched, [
    { part: 'webb*', similar: ['web1', 'web2', 'web10'] },
    { part: 'site=olso', similar: ['site=oslo'] },
    { part: 'web3', similar: ['web1', 'web2', 'web10'] },
  ]);
  assert.equal(selectNodes(parseSelector('under:esat'), NODES).unmatched, [
    { part: 'under:esat', similar: ['under:east', 'under:west'] },
  ]);
  const many = Array.from({ length: 50 }, (_, at) => `x${at}*`).join(',');
  assert.is(selectNodes(parseSelector(many), NODES).unmatched.length, 10);
});

test('40,000 names among 100,000 nodes: each node is looked at a few times', () => {
  let looks = 0;
  const nodes = Array.from({ length: 100_000 }, (_, at): Node => {
    const { record, state } = nodeOf(`web${at}`, at === 0 ? null : `web${at >> 3}`);
    const counted = {
      ...record,
      get name() {
        looks++;
        return record.name;
      },
    };
    return { record: counted, state };
  });
  const counts = ['web[1-40000]', 'web[1-40000] and not web[20000-30000]', 'under:web9'].map(
    (text) => {
      looks = 0;
      const { nodes: found } = selectNodes(parseSelector(text), nodes);
      assert.ok(looks <= 2 * nodes.length, `${text}: ${looks} looks`);
      return found.length;
    },
  );
  assert.equal(counts.slice(0, 2), [40_000, 29_999]);
});

test('many unknown names that a condition takes away are told of in short', () => {
  const { nodes, unknown, unmatched } = selectNodes(parseSelector('zz[1-40] and role=leaf'), NODES);
  assert.equal([nodes, unknown], [[], []]);
  assert.equal(unmatched, [{ part: 'zz[1-40]', similar: [] }]);
  const few = selectNodes(parseSelector('zz[1-3] and role=leaf'), NODES).unmatched;
  assert.equal(
    few.map(({ part }) => part),
    ['zz1', 'zz2', 'zz3'],
  );
});

test.run();
