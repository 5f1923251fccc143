import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isText, type Keypress, keysOf } from '../../src/tui/input.ts';

const NOTHING: Keypress = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageUp: false,
  pageDown: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  backspace: false,
  tab: false,
  delete: false,
  ctrl: false,
  meta: false,
};

test('input becomes keys, one by one, however much came at once', () => {
  const inputs: [string, Partial<Keypress>, string[]][] = [
    ['j', {}, ['j']],
    ['jjG', {}, ['j', 'j', 'G']],
    ['', { upArrow: true }, ['up']],
    ['', { pageDown: true }, ['pagedown']],
    ['d', { ctrl: true }, ['ctrl-d']],
    ['', { escape: true }, ['escape']],
    ['', { return: true }, ['return']],
    ['', { tab: true }, ['tab']],
    ['a\t', {}, ['a', 'tab']],
    ['web\r', {}, ['w', 'e', 'b', 'return']],
    ['\x7f\x03', {}, ['backspace', 'ctrl-c']],
    ['x', { meta: true }, []],
    ['', { delete: true }, []],
    ['', {}, []],
  ];
  for (const [input, flags, keys] of inputs) {
    assert.equal(keysOf(input, { ...NOTHING, ...flags }), keys, JSON.stringify(input));
  }
});

test('keys that write a character are told from those that have words', () => {
  for (const key of ['a', 'G', ' ', '/', '?', 'é', '日']) assert.ok(isText(key), key);
  for (const key of ['up', 'pagedown', 'escape', 'ctrl-u']) assert.not(isText(key), key);
});

test.run();
