/** Whole screens, compared with the text files in `screens/`; see screens.test.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';

export function assertScreen(screen: string, name: string): void {
  const path = join(import.meta.dirname, 'screens', `${name}.txt`);
  if (process.env.UPDATE_SCREENS === '1') writeFileSync(path, `${screen}\n`);
  assert.fixture(`${screen}\n`, readFileSync(path, 'utf8'));
}
