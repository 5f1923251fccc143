/** Going down from an open directory, name by name, so that no symbolic link is ever followed. */
import type { Directory } from '../ports/file-system.ts';

/** The names in the path of an entry; none for ''. */
export function namesOf(path: string): string[] {
  return path === '' ? [] : path.split('/');
}

/** Does something in the directory that `names` lead to from `root`, and closes it then. */
export async function within<T>(
  root: Directory,
  names: readonly string[],
  action: (directory: Directory) => Promise<T>,
): Promise<T> {
  const [name, ...rest] = names;
  if (name === undefined) return await action(root);
  const below = await root.enter(name);
  try {
    return await within(below, rest, action);
  } finally {
    await below.close();
  }
}
