/**
 * Versions of an interface, `MAJOR.MINOR.PATCH`, of which the last ones may be left out. They are
 * compatible as in semantic versioning (semver.org, and the caret of npm): the same major number,
 * and not older; below 1 every minor number is an interface of its own.
 */

/** One to three numbers. */
export type ApiVersion = readonly number[];

const FORM = /^(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?$/;

/** The version in a text; undefined when it is none. */
export function parseVersion(text: string): ApiVersion | undefined {
  const [, ...parts] = FORM.exec(text) ?? [];
  const numbers = parts.filter((part) => part !== undefined).map(Number);
  return numbers.length > 0 ? numbers : undefined;
}

/** Below 0 when `a` is older, above when it is newer. */
export function compareVersions(a: ApiVersion, b: ApiVersion): number {
  for (let at = 0; at < 3; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether who was made for `wanted` can use `offered`. */
export function isCompatible(offered: ApiVersion, wanted: ApiVersion): boolean {
  if (offered[0] !== wanted[0]) return false;
  const isUnsettled = wanted[0] === 0 && wanted.length > 1;
  if (isUnsettled && (offered[1] ?? 0) !== wanted[1]) return false;
  return compareVersions(offered, wanted) >= 0;
}
