/** The system's services and what state each is in: by systemd, else by the scripts of init. */
import { readdir } from 'node:fs/promises';
import type { ServiceFacts, ServicesFacts } from '../ports/host-probe.ts';
import { DagentError } from '../protocol/errors.ts';
import { run } from './host-probe-run.ts';

type Units = Record<string, ServiceFacts>;

const PLAIN = ['--type=service', '--plain', '--no-legend', '--no-pager'];
/** States of unit files that begin the unit with the system, and those that keep it from it. */
const ENABLED: Readonly<Record<string, boolean>> = {
  ...{ enabled: true, 'enabled-runtime': true },
  ...{ disabled: false, masked: false, 'masked-runtime': false },
};

/** Lines of `systemctl list-unit-files`: which start by themselves and which do not. */
export function parseUnitFiles(text: string): ReadonlyMap<string, boolean> {
  const lines = [...text.matchAll(/^(\S+)\.service\s+(\S+)/gm)];
  return new Map(
    lines.flatMap(([, name = '', state = '']) => {
      const isEnabled = ENABLED[state];
      return isEnabled === undefined ? [] : [[name, isEnabled] as const];
    }),
  );
}

/** Lines of `systemctl list-units`: name, load, state, detail. A bullet may stand before them. */
export function parseUnits(text: string, enabled: ReadonlyMap<string, boolean>): Units {
  const lines = [...text.matchAll(/^\W*([\w@][^\s]*)\.service\s+(\S+)\s+(\S+)\s+(\S+)/gm)];
  // What another unit only mentions is not there.
  const known = lines.filter(([, , load]) => load !== 'not-found');
  return Object.fromEntries(
    known.map(([, name = '', , state = '', detail = '']) => {
      return [name, { state, detail, isEnabled: enabled.get(name) ?? null }];
    }),
  );
}

const SIGNS: Readonly<Record<string, string>> = { '+': 'active', '-': 'inactive' };

/** Lines of `service --status-all`: ` [ + ]  name`. */
export function parseInitScripts(text: string, started: ReadonlySet<string>): Units {
  const lines = [...text.matchAll(/^ *\[ ([-+?]) \] +(\S+)$/gm)];
  return Object.fromEntries(
    lines.map(([, sign = '', name = '']) => {
      return [
        name,
        { state: SIGNS[sign] ?? 'unknown', detail: null, isEnabled: started.has(name) },
      ];
    }),
  );
}

async function readSystemd(timeoutMs: number): Promise<Units | undefined> {
  const options = { what: 'services', timeoutMs };
  const [units, files] = await Promise.all([
    run(['systemctl', 'list-units', '--all', ...PLAIN], options),
    run(['systemctl', 'list-unit-files', ...PLAIN], options),
  ]);
  // It ends with 0 where systemd is not what runs: then it lists nothing.
  if (units?.code !== 0 || units.stdout === '') return undefined;
  return parseUnits(units.stdout, parseUnitFiles(files?.stdout ?? ''));
}

/** Scripts that some runlevel with a network starts. */
async function readStarted(): Promise<ReadonlySet<string>> {
  const links = [2, 3, 4, 5].map((level) => readdir(`/etc/rc${level}.d`).catch(() => []));
  const names = (await Promise.all(links)).flat();
  return new Set(names.filter((name) => /^S\d\d/.test(name)).map((name) => name.slice(3)));
}

async function readInitScripts(timeoutMs: number): Promise<Units | undefined> {
  // Those of whom nothing is known it tells on stderr.
  const argv = ['sh', '-c', 'exec service --status-all 2>&1'];
  const result = await run(argv, { what: 'services', timeoutMs });
  const units = parseInitScripts(result?.stdout ?? '', await readStarted());
  return Object.keys(units).length === 0 ? undefined : units;
}

/** The services of the host. Rejects with E_PROBE_FAILED where neither tells of any. */
export async function readServices(timeoutMs: number): Promise<ServicesFacts> {
  const systemd = await readSystemd(timeoutMs);
  if (systemd !== undefined) return { manager: 'systemd', units: systemd };
  const scripts = await readInitScripts(timeoutMs);
  if (scripts !== undefined) return { manager: 'sysvinit', units: scripts };
  const reason = 'neither systemctl nor service lists any';
  throw new DagentError('E_PROBE_FAILED', { class: 'services', reason });
}
