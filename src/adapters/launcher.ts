/**
 * What has to happen between fork and exec, which child_process cannot do: another user with all of
 * its groups, a umask, a niceness, limits, stderr into stdout. nice(1), prlimit(1), setpriv(1) and
 * a few lines of sh do it, in the process that becomes the command. They say on file descriptor 3
 * that all went well, or why it did not: so what never ran is not taken for a command that failed.
 */
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunAs, SpawnRequest } from '../ports/spawner.ts';

/** What stands on file descriptor 3 when the command is about to run. */
export const READY = 'ready';

/** Of what was said instead the beginning is the reason. */
const REASON_LENGTH = 500;

/**
 * $1 umask, $2 niceness, $3 directory, $4 whether stderr is stdout; then the command. Told when it
 * fails: the status that shells use for that, and the reason.
 */
const SCRIPT = `
{ true >&3; } 2>/dev/null || exec 3>/dev/null
[ -z "$DAGENT_IS_CHECK" ] || exec 3>&1
no() { printf '%s %s\\n' "$1" "$2" >&3; exit "$1"; }
unset CDPATH
[ -z "$1" ] || umask "$1"
[ -z "$2" ] || [ "$(nice)" -eq "$2" ] || no 125 "not permitted: niceness $2"
[ -d "$3" ] || no 125 "no such directory: $3"
cd "$3" 2>/dev/null || no 125 "not permitted: directory $3"
merge=$4
shift 4
found=
set -f
case $1 in
*/*)
  [ -e "$1" ] || no 127 "no such program: $1"
  [ -f "$1" ] && [ -x "$1" ] && found=y;;
*)
  IFS=:
  for dir in $PATH; do
    [ -f "$dir/$1" ] && [ -x "$dir/$1" ] && found=y
  done
  unset IFS
  [ -n "$found" ] || no 127 "no such program: $1";;
esac
[ -n "$found" ] || no 126 "not executable: $1"
printf ${READY} >&3
[ -z "$DAGENT_IS_CHECK" ] || exit 0
[ -z "$merge" ] || exec 2>&1
exec "$@" 3>&-
`;

/**
 * Around all of that, where sudo(8) is to run it: $1 variables that it keeps, $2 user, $3 group. As
 * sudo closes all descriptors but three, it is first asked to do everything but the command.
 */
const SUDO = `
no() { printf '%s %s\\n' "$1" "$2" >&3; exit "$1"; }
command -v sudo >/dev/null || no 125 "no sudo on this host"
keep=$1 user=$2 group=$3
shift 3
said=$(sudo -n -H "--preserve-env=$keep" -u "$user" \${group:+-g "$group"} -- \
  env DAGENT_IS_CHECK=y "$@" 2>&1 </dev/null)
case $said in
*${READY}) ;;
*) said=\${said##*
}
  case $said in
  12[567]' '*) no "\${said%% *}" "\${said#* }" ;;
  *password*) no 125 "$said (sudo -n: sudoers must have NOPASSWD for $(id -un))" ;;
  *) no 125 "\${said:-sudo does not run it}" ;;
  esac
  ;;
esac
printf ${READY} >&3
exec sudo -n -H "--preserve-env=$keep" -u "$user" \${group:+-g "$group"} -- "$@" 3>&-
`;

/** Variables that are sudo's own. */
const SUDO_VARIABLES = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'USER'];

/** Whether a command needs more than child_process does. */
export function isSpecial(request: SpawnRequest): boolean {
  const { runAs, sudo, login, umask, nice, ulimits, isMerged } = request;
  return (
    [runAs, sudo, login, umask, nice, ulimits].some((each) => each !== undefined) ||
    isMerged === true
  );
}

/** The command, wrapped into what prepares it. `niceNow` is our own niceness. */
export function wrapCommand(request: SpawnRequest, niceNow: number): string[] {
  const { argv, env, cwd, runAs, sudo, login, umask, nice, ulimits, isMerged } = request;
  const prefix = nice === undefined ? [] : ['nice', '-n', String(nice - niceNow)];
  if (ulimits !== undefined) {
    prefix.push('prlimit', ...Object.entries(ulimits).map(([name, to]) => `--${name}=${to}`));
  }
  if (runAs !== undefined) {
    prefix.push('setpriv', '--reuid', String(runAs.uid), '--regid', String(runAs.gid));
    prefix.push('--init-groups', '--');
  }
  if (login !== undefined) prefix.push(login, '-l', '-c', 'exec "$@"', login);
  const settings = [umask?.toString(8) ?? '', nice?.toString() ?? '', cwd, isMerged ? 'y' : ''];
  const prepared = [...prefix, 'sh', '-c', SCRIPT, 'sh', ...settings, ...argv];
  if (sudo === undefined) return prepared;
  const kept = Object.keys(env).filter((name) => !SUDO_VARIABLES.includes(name));
  return ['sh', '-c', SUDO, 'sh', kept.join(','), sudo.user, sudo.group ?? '', ...prepared];
}

/** What was said instead of READY: the reason, and the status that shells use for it. */
export function explainWord(said: string): { reason: string; status: 125 | 126 | 127 } {
  const reason = said.trim() || 'it was ended before it began';
  const [, status, text] = /^(12[567]) (.*)$/s.exec(reason) ?? [];
  return {
    reason: (text ?? reason).slice(0, REASON_LENGTH),
    status: (Number(status) || 125) as 125 | 126 | 127,
  };
}

/** A script in a file, and what removes it. */
export interface ScriptFile {
  readonly argv: readonly string[];
  remove(): void;
}

/**
 * Puts a script into a directory of its own, which only its user can look into; what begins with no
 * `#!` is for sh. Throws what the file system says.
 */
export function writeScript(script: Buffer, runAs: RunAs | undefined): ScriptFile {
  const dir = mkdtempSync(join(tmpdir(), 'dagent-'));
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  try {
    const path = join(dir, 'script');
    writeFileSync(path, script, { mode: 0o700 });
    if (runAs !== undefined) {
      for (const each of [path, dir]) chownSync(each, runAs.uid, runAs.gid);
    }
    const isForItself = script.subarray(0, 2).toString() === '#!';
    return { argv: isForItself ? [path] : ['sh', path], remove };
  } catch (error) {
    remove();
    throw error;
  }
}
