/**
 * Bundles the product into dist/: one file per command, the daemon, the library, chunks shared
 * between them; then writes the oclif manifest. `--if-stale` returns at once when nothing changed
 * since.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const dist = resolve(root, 'dist');
/**
 * Built aside and put in place at once: who runs a command meanwhile gets the old one or the new
 * one.
 */
const fresh = resolve(root, `dist.${process.pid}`);
const stamp = resolve(dist, '.stamp');

/** One hash over every file that the build reads. */
function hashSources(): string {
  const hash = createHash('sha256');
  const files = globSync('src/**/*.{ts,tsx}', { cwd: root }).sort();
  for (const file of [...files, 'scripts/build.ts', 'package.json', 'package-lock.json']) {
    hash.update(file).update(readFileSync(resolve(root, file)));
  }
  return hash.digest('hex');
}

/**
 * oclif's files are CommonJS that loads all of oclif at once, most of which a command that runs
 * never needs. TypeScript names what it requires `name_1`, so each can be turned into a function
 * that requires it when it is first used: a third less processor time for every command.
 */
const lazyOclif: Plugin = {
  name: 'lazy-oclif',
  setup(build) {
    build.onLoad({ filter: /node_modules\/@oclif\/core\/lib\/.*\.js$/ }, ({ path }) => {
      const names = new Set<string>();
      const text = readFileSync(path, 'utf8');
      const lazy = text.replace(
        /^const (\w+_\d+) = (.*require\(".*"\).*);$/gm,
        (_, name: string, value: string) => {
          names.add(name);
          return `let ${name}$; const ${name} = () => (${name}$ ??= ${value});`;
        },
      );
      const used = lazy.replace(/\b\w+_\d+\b(?!\$| = \(\) =>)/g, (name) =>
        names.has(name) ? `(${name}())` : name,
      );
      return { contents: used, loader: 'js' };
    });
  },
};

/**
 * ssh2 names its own directory while it loads, and an ES module has no word for that. It needs it
 * for a program of Windows only; its WebAssembly is within its text.
 */
const placelessSsh: Plugin = {
  name: 'placeless-ssh',
  setup(build) {
    build.onLoad({ filter: /node_modules\/ssh2\/lib\/.*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('__dirname', "''"),
      loader: 'js',
    }));
  },
};

/** What oclif shows as help, so that asking for it loads no command. */
async function writeManifest(): Promise<void> {
  const file = resolve(root, 'oclif.manifest.json');
  rmSync(file, { force: true });
  const { Config } = await import('@oclif/core');
  const config = await Config.load({ root, ignoreManifest: true });
  const plugin = config.plugins.get('dagent') as { manifest?: unknown } | undefined;
  writeFileSync(file, `${JSON.stringify(plugin?.manifest, null, 1)}\n`);
}

const sources = hashSources();
const isFresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
if (process.argv.includes('--if-stale') && isFresh) process.exit(0);

process.stderr.write('setup: building\n');
rmSync(fresh, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: [
    'src/main.ts',
    'src/daemon/main.ts',
    'src/client/index.ts',
    'src/cli/help.ts',
    ...globSync('src/commands/**/*.ts', { cwd: root }),
  ],
  outbase: 'src',
  outdir: fresh,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  sourcemap: false,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  // lmdb looks for its native part beside its own files.
  external: ['lmdb', 'react-devtools-core', 'cpu-features', 'osx-temperature-sensor', '*.node'],
  // CommonJS dependencies call require() for Node's own modules; an ES module has none.
  banner: {
    js: [
      "import {createRequire as __createRequire} from 'node:module';",
      'const require=__createRequire(import.meta.url);',
    ].join(''),
  },
  plugins: [lazyOclif, placelessSsh],
  logLevel: 'warning',
});
writeFileSync(resolve(fresh, '.stamp'), sources);
const former = `${fresh}.old`;
if (existsSync(dist)) renameSync(dist, former);
renameSync(fresh, dist);
rmSync(former, { recursive: true, force: true });
await writeManifest();
