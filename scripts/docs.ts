/** Writes the tables of documents in docs/ anew from their registries: `npm run docs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ERRORS } from '../src/protocol/errors.ts';
import { FIGURES } from '../src/protocol/figures.ts';
import {
  ERROR_TABLES,
  LIMIT_TABLES,
  readLimits,
  renderErrors,
  renderFigures,
  renderLimits,
  replaceTable,
} from './checks/registries.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(resolve(root, path), 'utf8');

function update(path: string, content: string): void {
  writeFileSync(resolve(root, path), replaceTable(read(path), content));
}

update('docs/ERRORS.md', renderErrors(ERRORS, ERROR_TABLES.map(read).join('')));
update('docs/LIMITS.md', renderLimits(readLimits(LIMIT_TABLES.map(read).join(''))));
update('docs/STATISTICS.md', renderFigures(FIGURES));
