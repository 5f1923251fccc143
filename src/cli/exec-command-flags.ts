/** The flags of `dagent exec` that say what is run, and as whom. */
import * as Flags from '@oclif/core/flags';
import { DagentError } from '../protocol/errors.ts';

/** A whole number within bounds, in some base. */
const numberFlag = (name: string, base: 8 | 10, min: number, max: number) =>
  Flags.custom<number>({
    parse(text) {
      const number = /^[+-]?[0-9]+$/.test(text) ? Number.parseInt(text, base) : Number.NaN;
      if (number >= min && number <= max) return Promise.resolve(number);
      const write = (bound: number): string => bound.toString(base);
      const reason = `${name} is a number from ${write(min)} to ${write(max)}, not ${text}`;
      throw new DagentError('E_USAGE', { reason });
    },
  });

/** Group of these in the help. */
export const COMMAND = { helpGroup: 'COMMAND' };

/** All that a plan can hold of the command. */
export const commandFlags = {
  env: Flags.string({
    ...COMMAND,
    char: 'e',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'NAME[=VALUE]',
    description: 'A variable for the command; without a value the one that it has here',
  }),
  'env-file': Flags.string({
    ...COMMAND,
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'FILE',
    description: 'Variables from a file, NAME=VALUE to a line',
  }),
  cwd: Flags.string({
    ...COMMAND,
    helpValue: 'DIR',
    description: 'Directory to run in; the home directory otherwise',
  }),
  user: Flags.string({
    ...COMMAND,
    char: 'u',
    helpValue: 'USER',
    description: 'Run it as this user, with all of its groups (a daemon of root can, or --sudo)',
  }),
  'user-group': Flags.string({
    ...COMMAND,
    char: 'g',
    helpValue: 'GROUP',
    description: 'Its first group',
  }),
  login: Flags.boolean({
    ...COMMAND,
    description:
      'With what the profile of who runs it sets, as behind a login: also in place of -e, --ulimit',
  }),
  sudo: Flags.boolean({
    ...COMMAND,
    description:
      'As root, or as -u says, by sudo where the daemon is not root: NOPASSWD for any command',
  }),
  umask: numberFlag(
    '--umask',
    8,
    0,
    0o777,
  )({
    ...COMMAND,
    helpValue: 'MODE',
    description: 'What its files may not allow, in octal, such as 027',
  }),
  nice: numberFlag(
    '--nice',
    10,
    -20,
    19,
  )({
    ...COMMAND,
    helpValue: 'N',
    description: 'How far it stands back for others, -20 to 19',
  }),
  ulimit: Flags.string({
    ...COMMAND,
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'NAME=SOFT[:HARD]',
    description: 'A limit of the kernel, such as nofile=4096, as=2Gi, core=0, cpu=60:unlimited',
  }),
  shell: Flags.string({
    ...COMMAND,
    char: 'c',
    helpValue: 'SHELL',
    description: 'All words are one line for sh, or for another shell: --shell=bash',
  }),
  script: Flags.string({
    ...COMMAND,
    helpValue: 'FILE',
    description: 'Send this file along and run it; the words are its arguments',
  }),
  template: Flags.boolean({
    ...COMMAND,
    description: '{host}, {rank} and {count} in the words are those of each target',
  }),
  merge: Flags.boolean({ ...COMMAND, description: 'stderr goes where stdout goes, in order' }),
};

/** What makes no sense for somebody who sits before the command. */
const NO_TERMINAL = [
  ...['async', 'on-disconnect', 'stdin', 'no-stdin', 'dry-run', 'merge'],
  ...['group', 'diff', 'sort', 'json', 'log-dir', 'max-output', 'mask-host'],
];

/** A terminal, which nobody has who comes later. */
export const terminalFlag = {
  tty: Flags.boolean({
    ...COMMAND,
    exclusive: [...NO_TERMINAL],
    description: 'With a terminal, ours, as ssh -t gives one; ~. at the beginning of a line leaves',
  }),
};
