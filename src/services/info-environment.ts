/**
 * What of an environment may leave the node: names always, values unless they look like a secret.
 */

/** Stands for a value that is kept back. */
const REDACTED = '(redacted)';

/**
 * Longest value told. More is cut: facts are for reading, and the environment may hold 128 KiB in
 * one.
 */
const VALUE_LENGTH_MAX = 1024;

/** Anywhere in a name. Rather one harmless value too many (SSH_AUTH_SOCK) than one secret told. */
const SECRET_PART =
  /pass|secret|token|credential|api_?key|access_?key|auth|cookie|private|signature|bearer/i;

/** As a word of its own in a name: too short to look for anywhere. */
const SECRET_WORD = /(^|[_\-.])(key|keys|pwd|pat|pin|jwt|dsn|salt|creds?|sas)([_\-.]|$)/i;

/** The working directory of a shell, which only looks like a password. */
const HARMLESS = new Set(['PWD', 'OLDPWD']);

/** Values that are secret under any name. */
const SECRET_VALUE = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

function isSecretName(name: string): boolean {
  return !HARMLESS.has(name) && (SECRET_PART.test(name) || SECRET_WORD.test(name));
}

/** `value` without the user and password of URLs and the passwords of connection strings. */
function redactWithin(value: string): string {
  return value
    .replace(/:\/\/[^\s/]+@/g, `://${REDACTED}@`)
    .replace(/\b(password|passwd|pwd)=[^;&\s]+/gi, `$1=${REDACTED}`);
}

function tell(name: string, value: string): string {
  if (value === '') return value;
  if (isSecretName(name) || SECRET_VALUE.test(value)) return REDACTED;
  const shown = redactWithin(value);
  if (shown.length <= VALUE_LENGTH_MAX) return shown;
  return `${shown.slice(0, VALUE_LENGTH_MAX)}... (${shown.length} characters)`;
}

/**
 * The environment sorted by name, secrets redacted: by name, and in values that carry them in the
 * open.
 */
export function redactEnvironment(
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = Object.keys(environment).sort();
  return Object.fromEntries(names.map((name) => [name, tell(name, environment[name] ?? '')]));
}
