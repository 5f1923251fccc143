/** Sentences about a target, where its name stands in front of them already. */

/** `reason` without the name of `target` at its beginning; undefined stays so. */
export function withoutName(reason: string, target: string): string;
export function withoutName(reason: string | undefined, target: string): string | undefined;
export function withoutName(reason: string | undefined, target: string): string | undefined {
  const name = [`${target}: `, `${target} `].find((each) => reason?.startsWith(each));
  return reason?.slice(name?.length ?? 0);
}
