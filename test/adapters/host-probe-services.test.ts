import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  parseInitScripts,
  parseUnitFiles,
  parseUnits,
} from '../../src/adapters/host-probe-services.ts';

test('units of systemd have a state, its detail, and whether they start by themselves', () => {
  const files = parseUnitFiles('ssh.service enabled enabled\ncups.service disabled enabled\n');
  const text = [
    'ssh.service            loaded    active   running OpenBSD Secure Shell server',
    '* nginx.service        loaded    failed   failed  A web server',
    'cups.service           loaded    inactive dead    CUPS',
    'getty@tty1.service     loaded    active   running Getty on tty1',
    '● gone.service         not-found inactive dead    gone.service',
  ].join('\n');
  assert.equal(parseUnits(text, files), {
    ssh: { state: 'active', detail: 'running', isEnabled: true },
    nginx: { state: 'failed', detail: 'failed', isEnabled: null },
    cups: { state: 'inactive', detail: 'dead', isEnabled: false },
    'getty@tty1': { state: 'active', detail: 'running', isEnabled: null },
  });
});

test('a static unit neither starts by itself nor is kept from it', () => {
  assert.equal(
    [...parseUnitFiles('dbus.service static -\nx.service masked enabled\n')],
    [['x', false]],
  );
});

test('scripts of init are active, inactive or unknown', () => {
  const text = ' [ + ]  cron\n [ - ]  dbus\n [ ? ]  hwclock.sh\nunknown job\n';
  assert.equal(parseInitScripts(text, new Set(['cron'])), {
    cron: { state: 'active', detail: null, isEnabled: true },
    dbus: { state: 'inactive', detail: null, isEnabled: false },
    'hwclock.sh': { state: 'unknown', detail: null, isEnabled: false },
  });
});

test.run();
