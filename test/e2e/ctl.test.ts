import { release } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from './harness.ts';

interface Answer {
  readonly resp: string;
  readonly retcode: number;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

const test = suite('dagent ctl');
const home = new Home();
test.after(() => home.close());

async function ask(args: readonly string[]): Promise<Answer & { readonly status: number | null }> {
  const { status, stdout } = await home.run(['ctl', ...args]);
  return { status, ...(JSON.parse(stdout) as Answer) };
}

test('tells facts without any daemon, in the shape of BasicAgent', async () => {
  const answer = await ask(['-c', 'getinfo.kernel']);
  assert.is(answer.status, 0);
  assert.equal(Object.keys(answer), ['status', 'resp', 'retcode', 'message', 'data']);
  assert.is(answer.resp, 'success');
  assert.is(answer.retcode, 0);
  assert.is(answer.data?.release, release());
});

test('takes the arguments of getinfo.users', async () => {
  const namesOf = async (args: string): Promise<string[]> => {
    const { data } = await ask(['-c', 'getinfo.users', '-a', args]);
    return (data as { accounts: { name: string }[] }).accounts.map(({ name }) => name);
  };
  assert.equal(await namesOf('-U root'), ['root']);
  const all = await namesOf('-A');
  assert.equal([...(await namesOf('-u')), ...(await namesOf('-S'))].sort(), all.sort());
});

test('what is refused is an answer too, with a status that is not 0 and the reason', async () => {
  for (const args of [['getinfo.users', '-a', '-X'], ['getinfo.nope'], ['kernel']]) {
    const { status, stdout, stderr } = await home.run(['ctl', '-c', ...args]);
    assert.is(status, 2);
    const failed = { resp: 'failed', retcode: 3021, message: 'Invalid params' };
    assert.equal(JSON.parse(stdout), failed);
    assert.match(stderr, /E_ARGUMENT_INVALID/);
  }
  const unknown = await ask(['-c', 'getinfo.users', '-a', '-U no-such-account']);
  assert.is(unknown.status, 1);
  assert.is(unknown.retcode, 3022);
  const none = await home.run(['ctl']);
  assert.is(none.status, 2);
  assert.is(none.stdout, '');
});

test.run();
