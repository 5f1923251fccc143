/** Every command and where its code is. Nothing is loaded before it is asked for. */
import type { Config } from '@oclif/core/config';
import type { DagentCommand } from './base.ts';

interface CommandClass {
  new (argv: string[], config: Config): DagentCommand;
  id: string;
}
type Load = () => Promise<{ readonly default: unknown }>;

/** By id: the words of the command, joined by colons. A test compares it with src/commands. */
export const COMMANDS: Readonly<Record<string, Load>> = {
  call: () => import('../commands/call.ts'),
  cp: () => import('../commands/cp.ts'),
  ctl: () => import('../commands/ctl.ts'),
  'daemon:logs': () => import('../commands/daemon/logs.ts'),
  'daemon:ls': () => import('../commands/daemon/ls.ts'),
  'daemon:restart': () => import('../commands/daemon/restart.ts'),
  'daemon:start': () => import('../commands/daemon/start.ts'),
  'daemon:status': () => import('../commands/daemon/status.ts'),
  'daemon:stop': () => import('../commands/daemon/stop.ts'),
  demo: () => import('../commands/demo.ts'),
  events: () => import('../commands/events.ts'),
  exec: () => import('../commands/exec.ts'),
  'flag:lower': () => import('../commands/flag/lower.ts'),
  'flag:ls': () => import('../commands/flag/ls.ts'),
  'flag:raise': () => import('../commands/flag/raise.ts'),
  'flag:show': () => import('../commands/flag/show.ts'),
  'hub:deregister': () => import('../commands/hub/deregister.ts'),
  'hub:leases': () => import('../commands/hub/leases.ts'),
  'hub:ls': () => import('../commands/hub/ls.ts'),
  'hub:register': () => import('../commands/hub/register.ts'),
  'hub:release': () => import('../commands/hub/release.ts'),
  'hub:request': () => import('../commands/hub/request.ts'),
  'hub:set': () => import('../commands/hub/set.ts'),
  info: () => import('../commands/info.ts'),
  'job:attach': () => import('../commands/job/attach.ts'),
  'job:cancel': () => import('../commands/job/cancel.ts'),
  'job:ls': () => import('../commands/job/ls.ts'),
  'job:output': () => import('../commands/job/output.ts'),
  'job:rm': () => import('../commands/job/rm.ts'),
  'job:show': () => import('../commands/job/show.ts'),
  'job:signal': () => import('../commands/job/signal.ts'),
  'job:wait': () => import('../commands/job/wait.ts'),
  listen: () => import('../commands/listen.ts'),
  'mailbox:dead': () => import('../commands/mailbox/dead.ts'),
  'mailbox:ls': () => import('../commands/mailbox/ls.ts'),
  'mailbox:peek': () => import('../commands/mailbox/peek.ts'),
  'mailbox:purge': () => import('../commands/mailbox/purge.ts'),
  'mailbox:redeliver': () => import('../commands/mailbox/redeliver.ts'),
  'mailbox:show': () => import('../commands/mailbox/show.ts'),
  metrics: () => import('../commands/metrics.ts'),
  names: () => import('../commands/names.ts'),
  nodes: () => import('../commands/nodes.ts'),
  ping: () => import('../commands/ping.ts'),
  'plugin:ls': () => import('../commands/plugin/ls.ts'),
  'plugin:reload': () => import('../commands/plugin/reload.ts'),
  'plugin:show': () => import('../commands/plugin/show.ts'),
  publish: () => import('../commands/publish.ts'),
  report: () => import('../commands/report.ts'),
  route: () => import('../commands/route.ts'),
  send: () => import('../commands/send.ts'),
  services: () => import('../commands/services.ts'),
  sniff: () => import('../commands/sniff.ts'),
  stats: () => import('../commands/stats.ts'),
  subscribe: () => import('../commands/subscribe.ts'),
  targets: () => import('../commands/targets.ts'),
  top: () => import('../commands/top.ts'),
  trace: () => import('../commands/trace.ts'),
  tree: () => import('../commands/tree.ts'),
};

/** The command that `argv` begins with, and what is left of it; undefined when there is none. */
export function findCommand(
  argv: readonly string[],
): { readonly id: string; readonly load: Load; readonly rest: string[] } | undefined {
  for (const words of [2, 1]) {
    const id = argv.slice(0, words).join(':');
    const load = Object.hasOwn(COMMANDS, id) ? COMMANDS[id] : undefined;
    if (load !== undefined && argv.length >= words) return { id, load, rest: argv.slice(words) };
  }
  return undefined;
}

/** The class of a loaded command. */
export function classOf(module: { readonly default: unknown }): CommandClass {
  return module.default as CommandClass;
}
