/** The users and groups of the host. */

export interface UserAccount {
  readonly name: string;
  readonly uid: number;
  /** Its first group. */
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

export interface Accounts {
  /** User as whom the daemon itself runs. */
  readonly ownUid: number;
  /** The user of that name or number; undefined when there is none. */
  findUser(name: string): Promise<UserAccount | undefined>;
  /** The number of a group; undefined when there is none. */
  findGroup(name: string): Promise<number | undefined>;
}
