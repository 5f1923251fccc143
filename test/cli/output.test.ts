import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasColour } from '../../src/cli/output.ts';

const NAMES = ['NO_COLOR', 'DAGENT_NO_COLOR', 'CLICOLOR_FORCE', 'CLICOLOR', 'TERM'] as const;
type Environment = Partial<Record<(typeof NAMES)[number], string>>;

/** Whether colours are wanted in an environment that says this and nothing else of them. */
function isColoured(environment: Environment, isTTY: boolean): boolean {
  const before = NAMES.map((name) => [name, process.env[name]] as const);
  try {
    for (const name of NAMES) delete process.env[name];
    Object.assign(process.env, environment);
    return hasColour({ isTTY });
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

const WISHES: readonly (readonly [Environment, boolean, boolean])[] = [
  [{}, true, false],
  [{ NO_COLOR: '1' }, false, false],
  [{ NO_COLOR: '' }, true, false],
  [{ DAGENT_NO_COLOR: '1' }, false, false],
  [{ CLICOLOR_FORCE: '1' }, true, true],
  [{ CLICOLOR_FORCE: '0' }, true, false],
  [{ CLICOLOR_FORCE: '1', NO_COLOR: '1' }, false, false],
  [{ CLICOLOR: '0' }, false, false],
  [{ TERM: 'dumb' }, false, false],
];

for (const [environment, onTerminal, inPipe] of WISHES) {
  test(`${JSON.stringify(environment)}: ${onTerminal} on a terminal, ${inPipe} in a pipe`, () => {
    assert.is(isColoured(environment, true), onTerminal);
    assert.is(isColoured(environment, false), inPipe);
  });
}

test.run();
