/**
 * Bundles the product into dist/: one file per command, the daemon, the library, chunks shared
 * between them; what must start at once, in a file of its own; then writes the oclif manifest.
 * `--if-stale` returns at once when nothing changed since.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { quickInk } from './quick-ink.ts';

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
 * Most of what loads oclif's help and its search for plugins is never used by a command that runs:
 * as modules of their own they would be read and linked all the same. `file` asks for `path`.
 */
const UNUSED: readonly { readonly file: string; readonly path: string }[] = [
  { file: 'command.js', path: './config' },
  { file: 'flags.js', path: './help' },
  { file: 'errors/index.js', path: './handle' },
];

const narrowOclif: Plugin = {
  name: 'narrow-oclif',
  setup(build) {
    build.onResolve({ filter: /^\.\/(config|help|handle)$/ }, ({ path, importer }) => {
      const isUnused = UNUSED.some(
        (each) => each.path === path && importer.endsWith(`/@oclif/core/lib/${each.file}`),
      );
      return isUnused ? { path, namespace: 'unused' } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
      contents: 'module.exports = {}',
    }));
  },
};

/** Modules of Node that take long to load, and of which a command calls at most a function. */
const SLOW_BUILTINS: readonly string[] = [
  'crypto',
  'fs/promises',
  'readline/promises',
  'util',
  'zlib',
];

/**
 * What stands for an import from one of Node's modules. An ES module that imports one has all of
 * its getters run, and so loads much of Node: ten milliseconds for node:crypto alone. Asked for by
 * name it comes as it is; and what is slow is asked for when one of its functions is called.
 */
function plainImport(names: readonly string[], from: string): string {
  const isSlow = SLOW_BUILTINS.includes(from);
  const found = `process.getBuiltinModule('node:${from}')`;
  const known = process.getBuiltinModule(`node:${from}`) as unknown as Record<string, unknown>;
  return names
    .map((name) => {
      const [theirs = '', ours = theirs] = name.trim().split(' as ');
      // A class is one too, but not one to be called.
      const isFunction = /^[a-z]/.test(theirs) && typeof known[theirs] === 'function';
      return isSlow && isFunction
        ? `const ${ours} = (...all) => ${found}.${theirs}(...all);`
        : `const ${ours} = ${found}.${theirs};`;
    })
    .join('');
}

const plainBuiltins: Plugin = {
  name: 'plain-builtins',
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.tsx?$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8').replace(
        /^import \{([^}]*)\} from 'node:([a-z/_]+)';$/gm,
        (_, names: string, from: string) =>
          plainImport(
            names.split(',').filter((name) => !/^\s*(type\s|$)/.test(name)),
            from,
          ),
      );
      return { contents: text, loader: path.endsWith('x') ? 'tsx' : 'ts' };
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

/**
 * Commands that are bundled once more, each in one file: to find, read and link fifty chunks takes
 * longer than all that such a command does.
 */
const QUICK: readonly string[] = ['call', 'exec', 'send'];
/** The same, but for what is loaded when there is something to see: Ink, and what keys lead to. */
const QUICK_AT_FIRST: readonly string[] = ['top'];

/** The entry of the command line holds no command: it says in which file each is. */
const commandsApart: Plugin = {
  name: 'commands-apart',
  setup(build) {
    build.onResolve({ filter: /^\.\.\/commands\/.*\.ts$/ }, ({ path }) => {
      const id = path.slice('../commands/'.length, -'.ts'.length);
      const folder = [...QUICK, ...QUICK_AT_FIRST].includes(id) ? 'quick' : 'commands';
      return { path: `./${folder}/${id}.js`, external: true };
    });
    // What only some command lines need, and is large.
    build.onResolve({ filter: /^\.\/cli\/(run-oclif|topic-help)\.ts$/ }, ({ path }) => ({
      path: path.replace(/\.ts$/, '.js'),
      external: true,
    }));
  },
};

/**
 * In one file all is read, also what few command lines need. ssh2 is nearly as large as all the
 * rest, so it has a file of its own, which is required when it is used.
 */
const sshApart: Plugin = {
  name: 'ssh-apart',
  setup(build) {
    build.onResolve({ filter: /^ssh2$/ }, ({ path }) => ({ path, namespace: 'apart' }));
    build.onLoad({ filter: /.*/, namespace: 'apart' }, () => ({
      contents: `
        const { createRequire } = process.getBuiltinModule('module');
        export default createRequire(import.meta.url)('../ssh2.cjs');`,
    }));
  },
};

const OPTIONS: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
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
  // CommonJS dependencies call require() for Node's own modules; an ES module has none. All else
  // that they require is bundled, or is native and may be missing.
  banner: {
    js: [
      'const require=(name)=>{const found=process.getBuiltinModule(name);if(found)return found;',
      "throw Object.assign(new Error('no module '+name),{code:'MODULE_NOT_FOUND'})};",
    ].join(''),
  },
  logLevel: 'warning',
};
const PLUGINS: readonly Plugin[] = [
  narrowOclif,
  lazyOclif,
  plainBuiltins,
  placelessSsh,
  quickInk(root),
];

process.stderr.write('setup: building\n');
rmSync(fresh, { recursive: true, force: true });
await Promise.all([
  build({
    ...OPTIONS,
    entryPoints: [
      'src/daemon/main.ts',
      'src/adapters/terminal-helper.ts',
      'src/client/index.ts',
      'src/cli/{help,run-oclif,topic-help}.ts',
      'src/commands/**/*.ts',
    ].flatMap((pattern) => globSync(pattern, { cwd: root })),
    outbase: 'src',
    outdir: fresh,
    splitting: true,
    plugins: [...PLUGINS],
  }),
  build({
    ...OPTIONS,
    entryPoints: ['src/main.ts'],
    outdir: fresh,
    plugins: [commandsApart, ...PLUGINS],
  }),
  build({
    ...OPTIONS,
    entryPoints: ['ssh2'],
    outfile: resolve(fresh, 'ssh2.cjs'),
    format: 'cjs',
    banner: {},
  }),
  ...[QUICK, QUICK_AT_FIRST].map((ids) =>
    build({
      ...OPTIONS,
      entryPoints: ids.map((id) => `src/commands/${id}.ts`),
      outdir: resolve(fresh, 'quick'),
      outbase: 'src/commands',
      splitting: ids === QUICK_AT_FIRST,
      plugins: [sshApart, ...PLUGINS],
    }),
  ),
]);
writeFileSync(resolve(fresh, '.stamp'), sources);
const former = `${fresh}.old`;
if (existsSync(dist)) renameSync(dist, former);
renameSync(fresh, dist);
rmSync(former, { recursive: true, force: true });
await writeManifest();
