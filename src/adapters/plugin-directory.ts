/** The directory of the plugins of a node, on disk. */
import { type FSWatcher, readdirSync, type Stats, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { FoundPlugin, PluginDirectory } from '../ports/plugin-directory.ts';
import { DagentError } from '../protocol/errors.ts';
import { findUntrusted } from './trust.ts';

const EXECUTABLE = 0o111;
/** Not hidden, and not what an editor has put aside. */
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._+@-]*$/;

/** What is there; nothing where it cannot be looked at, as a link that leads to itself. */
function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Throws E_PLUGIN_UNSAFE when others could put something into a directory, or it is not there. */
export function checkPluginDirectory(path: string, ownUid: number): void {
  const isDirectory = lookAt(path)?.isDirectory() === true;
  const untrusted = isDirectory
    ? findUntrusted(path, ownUid)
    : { path, reason: 'there is no such directory' };
  if (untrusted !== undefined) throw new DagentError('E_PLUGIN_UNSAFE', { ...untrusted });
}

function listNames(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

function fingerprintOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join(':');
}

/** The plugins in the directory `path`, for a daemon of the user `ownUid`. */
export function openPluginDirectory(path: string, ownUid: number): PluginDirectory {
  let onChange: (() => void) | undefined;
  let watcher: FSWatcher | undefined;
  const forget = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  /** Watches it from when it is there on; what is not told is found by looking. */
  const follow = (): void => {
    if (watcher !== undefined || onChange === undefined) return;
    try {
      watcher = watch(path, { persistent: false }, onChange);
      watcher.once('error', forget);
    } catch {
      watcher = undefined;
    }
  };
  const find = (file: string): FoundPlugin[] => {
    const at = join(path, file);
    const stat = lookAt(at);
    if (stat?.isFile() !== true || (stat.mode & EXECUTABLE) === 0) return [];
    const untrusted = findUntrusted(at, ownUid) ?? null;
    return [{ file, path: at, fingerprint: fingerprintOf(stat), untrusted }];
  };
  return {
    path,
    scan() {
      if (lookAt(path) === undefined) {
        forget();
        return [];
      }
      follow();
      checkPluginDirectory(path, ownUid);
      return listNames(path)
        .filter((file) => FILE_NAME.test(file))
        .flatMap(find);
    },
    watch(then) {
      onChange = then;
      follow();
    },
    close() {
      onChange = undefined;
      forget();
    },
  };
}
