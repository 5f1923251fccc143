import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PACKAGE_LINES, parsePackages } from '../../src/adapters/host-probe-packages.ts';

function parse(manager: string, text: string): Record<string, string> {
  return parsePackages(PACKAGE_LINES[manager] ?? /$^/g, text);
}

test('of dpkg those are told whose files are there, whatever is wanted of them', () => {
  const text = [
    'ii \tbash\t5.2.15-2+b7\tamd64',
    'hi \tnginx\t1.22.1-9\tamd64',
    'rc \told\t1.0\tall',
    'un \tnever\t\t',
    'iU \thalf\t2\tall',
  ].join('\n');
  assert.equal(parse('dpkg', text), { bash: '5.2.15-2+b7', nginx: '1.22.1-9' });
});

test('a second architecture or version of one name has a name of its own', () => {
  const text = 'ii \tlibc6\t2.36\tamd64\nii \tlibc6\t2.36\ti386\n';
  assert.equal(parse('dpkg', text), { libc6: '2.36', 'libc6:i386': '2.36' });
  const kernels = 'kernel\t6.1-1\tx86_64\nkernel\t6.2-1\tx86_64\nkernel\t6.3-1\tx86_64\n';
  assert.equal(parse('rpm', kernels), {
    kernel: '6.1-1',
    'kernel-6.3-1:x86_64': '6.3-1',
    'kernel:x86_64': '6.2-1',
  });
});

test('rpm, apk and pacman are read in their own forms', () => {
  assert.equal(parse('rpm', 'bash\t0:5.1-2.el9\tx86_64\n'), { bash: '0:5.1-2.el9' });
  const apk = 'musl-1.2.4-r2 x86_64 {musl} (MIT) [installed]\npy3-six-1.16-r0 noarch {x} (MIT)\n';
  assert.equal(parse('apk', apk), { musl: '1.2.4-r2', 'py3-six': '1.16-r0' });
  assert.equal(parse('pacman', 'linux 6.6.1.arch1-1\n'), { linux: '6.6.1.arch1-1' });
});

test('what is no line of a list is nothing', () => {
  for (const manager of Object.keys(PACKAGE_LINES)) assert.equal(parse(manager, 'error: x\n'), {});
});

test.run();
