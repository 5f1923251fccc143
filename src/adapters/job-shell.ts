/**
 * Who waits for the command of a job, so that the daemon need not live: a shell, and a cat(1) for
 * each of its streams. They write into files that are there already, each with its full length, so
 * that also a full disk takes a pid and an exit status.
 *
 *     sh (a session of its own)
 *     |- cat  < pipe o >> out
 *     |- cat  < pipe e >> err
 *     '- command (a session, and so a process group, of its own), its pid in the file pid
 *
 * Its streams are pipes, not the files: what opens /dev/stdout anew would cut a file short.
 */
import { spawn } from 'node:child_process';
import { getPriority } from 'node:os';
import type { JobLaunch } from '../ports/job-host.ts';
import type { SpawnRequest } from '../ports/spawner.ts';
import { wrapCommand } from './launcher.ts';

/** Lengths of the lines in the files of a job. */
export const PID_LINE_BYTES = 100;
export const EXIT_LINE_BYTES = 10;

/**
 * In the process that becomes the command. $1 directory of the job, $2 pids of the pumps; then the
 * command. Its pid, the tick of its start, and the same of who waits for it.
 */
const COMMAND = `
start() {
  IFS= read -r line <"/proc/$1/stat"
  set -- \${line##*) }
  printf %s "\${20}"
}
line=$(printf '%s %s %s %s %s' "$$" "$(start $$)" "$PPID" "$(start $PPID)" "$2")
printf '%-${PID_LINE_BYTES - 1}s\\n' "$line" 1<>"$1/pid"
shift 2
exec "$@"
`;

/**
 * $1 directory of the job, $2 PATH for our own programs, $3 the script above; then the command. It
 * is no background command of this shell, as those are deaf to INT and QUIT.
 */
const SUPERVISOR = `
dir=$1 own=$PATH PATH=$2 command=$3
shift 3
lead=$(command -v setsid) pump=$(command -v cat) pipe=$(command -v mkfifo)
PATH=$own
trap : HUP INT QUIT TERM
exec 2>/dev/null
for each in "setsid $lead" "cat $pump" "mkfifo $pipe"; do
  case $each in
  *' ')
    printf '125 a job needs the program %s' "$each" 1<>"$dir/ready"
    printf '%-${EXIT_LINE_BYTES - 1}s\\n' 125 1<>"$dir/exit"
    exit
    ;;
  esac
done
"$pipe" -m 666 "$dir/o" "$dir/e"
"$pump" <"$dir/o" >>"$dir/out" &
pumps=$!
"$pump" <"$dir/e" >>"$dir/err" &
pumps="$pumps $!"
(
  exec 3<>"$dir/ready" >"$dir/o" 2>"$dir/e" </dev/null
  exec "$lead" /bin/sh -c "$command" sh "$dir" "$pumps" "$@"
)
printf '%-${EXIT_LINE_BYTES - 1}s\\n' "$?" 1<>"$dir/exit"
`;

/**
 * Starts `request` with its files in `dir`, with our own programs from `path`. It goes on when we
 * end.
 */
export function startSupervised(
  { dir, path }: { readonly dir: string; readonly path: string },
  request: SpawnRequest,
  handlers: JobLaunch,
): void {
  const { env } = request;
  const argv = wrapCommand(request, getPriority());
  const words = ['-c', SUPERVISOR, 'sh', dir, path, COMMAND, ...argv];
  try {
    const child = spawn('/bin/sh', words, { cwd: '/', env, detached: true, stdio: 'ignore' });
    child.once('error', ({ message }) => handlers.onNotStarted(message));
    child.once('exit', () => handlers.onOver());
    child.unref();
  } catch (error) {
    // Node tells some failures at once, by an exception, and others later, by an event.
    const { code, message } = error as NodeJS.ErrnoException;
    handlers.onNotStarted(code === 'E2BIG' ? 'the arguments are too long' : message);
  }
}
