/**
 * What only programs of the host can tell: who is logged in, whether its clock is kept, what it
 * runs on.
 */
import { constants } from 'node:fs';
import { access, readlink } from 'node:fs/promises';
import type { Account, ClockFacts, Login, VirtualizationFacts } from '../ports/host-probe.ts';
import { readAttribute } from './host-probe-files.ts';
import { parsePasswd } from './host-probe-parse.ts';
import { run } from './host-probe-run.ts';

const MINUTES = /(\d\d:\d\d)/;
const ISO = new RegExp(`(\\d{4}-\\d\\d-\\d\\d) ${MINUTES.source}`);
const TRADITIONAL = new RegExp(`([A-Z][a-z]{2}) +(\\d{1,2}) ${MINUTES.source}`);

/**
 * A time in UTC in one of the two forms of who(1). The old one has no year: the latest that is
 * past.
 */
function parseSince(text: string, nowMs: number): number | null {
  const [, day, time] = ISO.exec(text) ?? [];
  if (day !== undefined) return Date.parse(`${day}T${time}Z`);
  const [, month, date, minutes] = TRADITIONAL.exec(text) ?? [];
  if (month === undefined) return null;
  const year = new Date(nowMs).getUTCFullYear();
  const thisYearMs = Date.parse(`${date} ${month} ${year} ${minutes} UTC`);
  return thisYearMs <= nowMs
    ? thisYearMs
    : Date.parse(`${date} ${month} ${year - 1} ${minutes} UTC`);
}

/** Lines of who(1): user, terminal, time in UTC, and from where in parentheses. */
export function parseWho(text: string, nowMs: number): Login[] {
  const lines = [...text.matchAll(/^([^\s]+)[ \t]+(\S+)(.*)$/gm)];
  return lines
    .filter(([, user, terminal]) => !(user === 'USER' && terminal === 'TTY'))
    .map(([, user = '', terminal = '', rest = '']) => ({
      user,
      terminal,
      from: /\(([^)]+)\)\s*$/.exec(rest)?.[1] ?? null,
      sinceMs: parseSince(rest, nowMs),
    }));
}

/**
 * Who is logged in, by who(1), which knows where this system keeps it; null without such a program.
 */
export async function readLogins(nowMs: number, timeoutMs: number): Promise<Login[] | null> {
  const result = await run(['who'], { what: 'logins', timeoutMs });
  return result?.code === 0 ? parseWho(result.stdout, nowMs) : null;
}

/** The account as all sources that the host is set up for know it (nsswitch.conf(5)). */
export async function askAccount(name: string, timeoutMs: number): Promise<Account | undefined> {
  // No account begins with a dash; the program would take it for an option.
  if (name.startsWith('-')) return undefined;
  const result = await run(['getent', 'passwd', name], { what: 'account', timeoutMs });
  // A number would be taken for a uid: only the account of this very name counts.
  return parsePasswd(result?.stdout ?? '').find((account) => account.name === name);
}

/** `key=value` lines of `timedatectl show`; undefined when it says nothing of synchronisation. */
export function parseTimedatectl(text: string): boolean | undefined {
  const value = /^NTPSynchronized=(yes|no)$/m.exec(text)?.[1];
  return value === undefined ? undefined : value === 'yes';
}

/** `chronyc -c tracking`: the fields in one line, the leap status last. */
export function parseChrony(text: string): boolean | undefined {
  const fields = text.trim().split(',');
  return fields.length < 14 ? undefined : fields.at(-1) !== 'Not synchronised';
}

type Keeper = Pick<ClockFacts, 'isSynchronised' | 'source'>;

/** The first of those who can know. timedatectl asks the kernel, so it sees any daemon's work. */
async function askKeeper(timeoutMs: number): Promise<Keeper> {
  const options = { what: 'clock', timeoutMs };
  const systemd = await run(['timedatectl', 'show'], options);
  const bySystemd = parseTimedatectl(systemd?.stdout ?? '');
  if (bySystemd !== undefined) return { isSynchronised: bySystemd, source: 'timedatectl' };
  const chrony = await run(['chronyc', '-c', 'tracking'], options);
  const byChrony = parseChrony(chrony?.code === 0 ? chrony.stdout : '');
  if (byChrony !== undefined) return { isSynchronised: byChrony, source: 'chronyc' };
  return { isSynchronised: null, source: null };
}

/** The host's zone by localtime(5). Intl knows it too, for 6 MB that would stay. */
async function readTimezone(): Promise<string> {
  const target = await readlink('/etc/localtime').catch(() => '');
  const [, zone] = target.split('/zoneinfo/');
  return zone ?? (await readAttribute('/etc/timezone')) ?? 'UTC';
}

/** The clock at `nowMs`, with its zone. */
export async function readClock(nowMs: number, timeoutMs: number): Promise<ClockFacts> {
  const folder = '/sys/devices/system/clocksource/clocksource0';
  const [keeper, timezone, clocksource] = await Promise.all([
    askKeeper(timeoutMs),
    readTimezone(),
    readAttribute(`${folder}/current_clocksource`),
  ]);
  const utcOffsetMinutes = 0 - new Date(nowMs).getTimezoneOffset();
  return { nowMs, timezone, utcOffsetMinutes, ...keeper, clocksource };
}

async function detect(kind: '--vm' | '--container', timeoutMs: number) {
  const argv = ['systemd-detect-virt', kind];
  const result = await run(argv, { what: 'virtualization', timeoutMs });
  const answer = result?.stdout.trim() ?? '';
  return result === undefined || answer === '' ? undefined : answer;
}

/** Files by which container engines mark what they start. */
const MARKS = [
  ['/.dockerenv', 'docker'],
  ['/run/.containerenv', 'podman'],
] as const;

async function findMark(): Promise<string | null> {
  for (const [path, container] of MARKS) {
    if (await canRead(path)) return container;
  }
  return readAttribute('/run/systemd/container');
}

function canRead(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/** By systemd-detect-virt(1); without it, by the processor's flag and the marks of engines. */
export async function readVirtualization(timeoutMs: number): Promise<VirtualizationFacts> {
  const [vm, container, cpuinfo] = await Promise.all([
    detect('--vm', timeoutMs),
    detect('--container', timeoutMs),
    readAttribute('/proc/cpuinfo'),
  ]);
  const hasFlag = /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo ?? '');
  const guessed = hasFlag ? 'unknown' : 'none';
  const hypervisor = vm ?? guessed;
  const engine = container === undefined || container === 'none' ? await findMark() : container;
  return {
    isVirtual: hypervisor !== 'none',
    hypervisor: hypervisor === 'none' ? null : hypervisor,
    container: engine,
  };
}
