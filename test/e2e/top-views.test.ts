import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from './harness.ts';
import { Terminal } from './terminal.ts';

const test = suite('the views of dagent top');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, east: 'root', web1: 'east', web2: 'east' });
  const peer = ['--peer', home.socketUrl('east')];
  await home.daemon('db1', ['--role', 'leaf', '--parent', home.socketUrl('root'), ...peer]);
  await home.ok(['exec', '--async', 'web1', 'exit 3']);
  await home.ok(['exec', '--async', 'web2', `echo $$ > ${home.file('job.pid')}; exec sleep 300`]);
  await home.ok(['send', 'web1:orders', 'NEW', 'id=7', '--durable', '--via', 'web2']);
  await home.ok(['hub', 'register', '192.0.2.7:8080', '--capacity', '4']);
  await home.ok(['hub', 'request', '1', '--lease', '10m']);
  await home.ok(['flag', 'raise', 'raid', 'md0', 'degraded', '--at', 'web1', '-m', 'disk 3']);
});
test.after(() => home.close());

/** Views by their digits, and what each has to show of what was done above. */
const SEEN: readonly (readonly [string, RegExp])[] = [
  ['3', /db1 +east +peer +● up[\s\S]*web1 +east +parent +● up +\S+s +[\d.]+ [KM]?i?B/],
  ['4', /printer +● up +1 +0 {2}web2/],
  ['5', /● running +web2 .*echo[\s\S]*○ failed +web1 .* 3 {2}exit 3/],
  ['6', /web1:orders +web1 +1 +0 +0 .*nobody receives/],
  ['7', /1 {2}192\.0\.2\.7:8080 +● free +3 +1/],
  ['8', /warning +web1 +raid +md0 +degraded .*disk 3/],
  ['9', /flag-raised +web1 +raid\/md0\/degraded[\s\S]*node-up +web1 +below east/],
];

test('each view shows what there is on real nodes, and follows what happens', async () => {
  const printer = home.start(['listen', 'printer', '--via', 'web2']);
  const terminal = await Terminal.open(home, 'views', 'dagent top');
  await terminal.sees(/web2 +leaf/);
  for (const [digit, pattern] of SEEN) {
    await terminal.press(digit);
    await terminal.sees(pattern);
  }
  printer.signal('SIGTERM');
  await terminal.sees(/service-down +web2 +printer/);
  await terminal.press('4');
  await terminal.sees(/no program offers a service/);
  await terminal.press('8');
  await home.ok(['flag', 'lower', 'raid', 'md0', 'degraded', '--at', 'web1']);
  await terminal.sees(/no flag is up/);
  await terminal.press('q');
  assert.is(await terminal.end(), 0);
});

test('what was kept by a node that is lost is not shown any longer, and the rest is', async () => {
  const terminal = await Terminal.open(home, 'silent', 'dagent top');
  // It begins where it ended.
  await terminal.sees(/no flag is up/);
  await terminal.press('5');
  await terminal.sees(/● running +web2[\s\S]*○ failed +web1/);
  await home.kill9('web1');
  await terminal.sees(/● running +web2(?![\s\S]*○ failed +web1)/);
  await terminal.press('1');
  await terminal.sees(/web1 +leaf +\S+ lost/);
  await terminal.press('q');
  assert.is(await terminal.end(), 0);
});

test.run();
