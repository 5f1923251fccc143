/**
 * Wraps the lines of comments that are longer than a line may be: the formatter leaves comments
 * alone. Without arguments it goes through all the code of the project.
 *
 *     node scripts/wrap.ts [FILE...]
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { wrapComments } from './checks/wrap.ts';

const CODE = ['{src,test,scripts,bench,examples}/**/*.{ts,tsx,sh,py}', 'bin/*', '.ci/run'];

const root = resolve(import.meta.dirname, '..');
const named = process.argv.slice(2);
for (const path of named.length > 0 ? named : globSync(CODE, { cwd: root })) {
  const file = named.length > 0 ? path : resolve(root, path);
  const text = readFileSync(file, 'utf8');
  const result = wrapComments(text.split('\n')).join('\n');
  if (result !== text) writeFileSync(file, result);
}
