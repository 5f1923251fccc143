/**
 * Completes package-lock.json with the packages for other platforms. npm leaves out those which its
 * registry did not offer when the lockfile was written, and then `npm ci` refuses the lockfile. To
 * be run after a dependency changed, by `npm run lock`; a test tells when it was forgotten.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { findIncomplete, type Lockfile } from './checks/lockfile.ts';

const path = resolve(import.meta.dirname, '../package-lock.json');
const lockfile = JSON.parse(readFileSync(path, 'utf8')) as Lockfile;
for (const [place, entry] of findIncomplete(lockfile)) lockfile.packages[place] = entry;
const sorted = Object.entries(lockfile.packages).sort(([a], [b]) => (a < b ? -1 : 1));
const packages = Object.fromEntries(sorted);
writeFileSync(path, `${JSON.stringify({ ...lockfile, packages }, null, 2)}\n`);
