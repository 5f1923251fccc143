/** Makes programs that draw out of their sources: Node runs TypeScript, but not JSX. */
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const REQUIRE = [
  "import { createRequire as makeRequire } from 'node:module';",
  'const require = makeRequire(import.meta.url);',
].join(' ');

/** Bundles the file `entry` into the directory `outdir`. Returns the path of the program. */
export async function bundle(entry: string, outdir: string): Promise<string> {
  await build({
    absWorkingDir: join(import.meta.dirname, '../..'),
    entryPoints: [entry],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is loaded on demand only stays apart: what is not installed, too.
    splitting: true,
    external: ['react-devtools-core', 'cpu-features'],
    platform: 'node',
    format: 'esm',
    target: 'node24',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: REQUIRE },
    logLevel: 'warning',
  });
  return join(outdir, basename(entry).replace(/\.tsx?$/, '.mjs'));
}
