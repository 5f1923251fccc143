/**
 * What the code may not say, and what to say instead. Patterns meet code only: no comments, no
 * strings.
 */

export interface Ban {
  readonly pattern: RegExp;
  /** What to do instead. */
  readonly instead: string;
  /** Beginnings of the paths where it is forbidden, and of those within them where it is not. */
  readonly where: readonly string[];
  readonly except?: readonly string[];
}

/** Where time and chance enter the program; from there they travel as arguments. */
const EDGE_OF_THE_WORLD = [
  'src/adapters/',
  'src/daemon/',
  // Where a program's own process waits for a daemon.
  'src/client/exec.ts',
  // Ids of messages, which must be new whatever was before: a seed of 32 bits is not enough.
  'src/client/deposits.ts',
  'src/cli/',
  'src/commands/',
  'src/main.ts',
  'src/tui/run.ts',
];
const PURE = [
  'src/base/',
  'src/protocol/',
  'src/router/',
  'src/mailbox/',
  'src/plugins/',
  'src/series/',
  'src/endpoint/',
  'src/files/',
  'src/ports/',
];
/**
 * Who may end the process: the entries; and what must end at once when a signal says so for the
 * second time, when nobody reads on, or when nothing can be trusted any more.
 */
const ENDS_THE_PROCESS = [
  'src/main.ts',
  'src/daemon/main.ts',
  'src/daemon/run.ts',
  'src/cli/demo.ts',
  'src/cli/interruption.ts',
  'src/cli/pipe.ts',
];

export const BANS: readonly Ban[] = [
  {
    pattern: /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bprocess\.hrtime\b/,
    instead: 'take the time as an argument (nowMs), or the Clock of src/ports',
    where: ['src/'],
    except: EDGE_OF_THE_WORLD,
  },
  {
    pattern: /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\bgetRandomValues\b/,
    instead: 'take a Random (base/random.ts) or a seed as an argument',
    where: ['src/'],
    except: EDGE_OF_THE_WORLD,
  },
  {
    pattern: /\b(?:setTimeout|setInterval|setImmediate|process|fetch|require)\b\s*[.(]/,
    instead: 'return what is to be done, or when: a pure folder does nothing to the world',
    where: PURE,
  },
  {
    pattern: /\bconsole\./,
    instead: 'write to the stream that was given, or log through the Logger of src/ports',
    where: ['src/'],
  },
  {
    pattern: /\bprocess\.exit\b(?!Code)/,
    instead: 'throw a DagentError, or set process.exitCode: output in flight would be cut off',
    where: ['src/'],
    except: ENDS_THE_PROCESS,
  },
  {
    pattern: /(?::|\bas|[<,|&])\s*any\b/,
    instead: 'say unknown and check it, or name the type',
    where: [''],
  },
  {
    pattern: /\beval\(|\bnew Function\(/,
    instead: 'nothing that comes from elsewhere is ever run as code',
    where: [''],
  },
  {
    pattern: /^(?:export )?(?:let|var)\s/m,
    instead: 'hold it in an object that the composition root makes: many daemons share a process',
    where: ['src/'],
  },
  {
    pattern: /^(?:export )?const \w+(?:: [^=]+)? = (?:new (?:Map|Set|WeakMap)(?:<.*>)?\(\)|\[\]);/m,
    instead: 'hold it in an object that the composition root makes: many daemons share a process',
    where: ['src/'],
  },
  {
    pattern:
      /=>\s*\{?\s*(?:global\.)?setTimeout\(\s*\w+\s*,|\bAtomics\.wait\b|\b(?:sleep|delay)\w*\(/,
    instead: 'hand in the time; in an end-to-end test await the event, or poll up to a deadline',
    where: ['test/'],
  },
];

/** Words in code or comments that say that something was left for later. */
export const LEFTOVER = /\b(?:FIXME|TODO|XXX|HACK)\b/;

/** A directory of one person's or one machine's. */
export const PRIVATE_PATH = /(?<![\w.~/-])\/(?:home|Users|work|mnt)\/\w/;

/** A document that a text refers to. */
export const DOCUMENT = /(?<![\w/.:-])(?:[\w.-]+\/)*[A-Z][\w-]*\.md\b/g;
