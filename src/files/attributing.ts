/** Whose a copy is and who may do what with it: as at the source, or as was asked for. */
import type { Accounts } from '../ports/accounts.ts';
import type { Attributes, FileFacts } from '../ports/file-system.ts';
import { DagentError } from '../protocol/errors.ts';
import type { Owner } from '../protocol/file.ts';

/** Without the bits that let others act as the owner. */
const PLAIN_BITS = 0o777;

/** Users and groups have 32 bits, of which all ones mean nobody (chown(2)). */
const NUMBER_MAX = 0xffff_fffe;

export interface WantedAttributes {
  /** Instead of those of the source. */
  readonly mode: number | undefined;
  readonly owner: Owner | undefined;
  /** Whether what tells no other owner keeps that of its source: only root can give files away. */
  readonly keepsOwner: boolean;
}

/** A number is one, also where nobody has it: as for chown(1). */
function parseNumber(name: string): number | undefined {
  return /^\d{1,10}$/.test(name) && Number(name) <= NUMBER_MAX ? Number(name) : undefined;
}

export class Attributing {
  readonly #accounts: Accounts;
  readonly #wanted: WantedAttributes;
  readonly #numbers = new Map<string, Promise<number | undefined>>();

  constructor(accounts: Accounts, wanted: WantedAttributes) {
    this.#accounts = accounts;
    this.#wanted = wanted;
  }

  /** Asks once for each name. Throws E_ACCOUNT_UNKNOWN. */
  async #numberOf(kind: 'user' | 'group', name: string | undefined): Promise<number | undefined> {
    if (name === undefined) return undefined;
    const key = `${kind} ${name}`;
    const accounts = this.#accounts;
    const ask = async (): Promise<number | undefined> =>
      kind === 'user' ? (await accounts.findUser(name))?.uid : accounts.findGroup(name);
    const asked = this.#numbers.get(key) ?? ask();
    this.#numbers.set(key, asked);
    const number = (await asked) ?? parseNumber(name);
    if (number === undefined) throw new DagentError('E_ACCOUNT_UNKNOWN', { kind, name });
    return number;
  }

  /** What is set on a file, or on a new directory. Throws E_ACCOUNT_UNKNOWN. */
  async attributesOf(
    source: { readonly kind: 'file' | 'directory'; readonly mode: number } & Owner,
  ): Promise<Attributes> {
    const { mode, owner, keepsOwner } = this.#wanted;
    const kept: Owner = keepsOwner ? source : {};
    const { user, group } = owner ?? kept;
    const isKept = owner === undefined && user !== undefined;
    const bits = isKept ? source.mode : source.mode & PLAIN_BITS;
    // A mode for files would close directories.
    const wanted = source.kind === 'file' ? mode : undefined;
    const [uid, gid] = await Promise.all([
      this.#numberOf('user', user),
      this.#numberOf('group', group),
    ]);
    return { mode: wanted ?? bits, uid, gid };
  }

  differ(there: FileFacts, { mode, uid, gid }: Attributes): boolean {
    return (
      there.mode !== mode ||
      (uid !== undefined && there.uid !== uid) ||
      (gid !== undefined && there.gid !== gid)
    );
  }
}
