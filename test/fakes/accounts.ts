/** A host with three users and three groups. */
import type { Accounts, UserAccount } from '../../src/ports/accounts.ts';

const USERS: readonly UserAccount[] = [
  { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash' },
  { name: 'www', uid: 33, gid: 33, home: '/srv/www', shell: '/usr/sbin/nologin' },
  { name: 'ann', uid: 1000, gid: 1000, home: '/users/ann', shell: '/bin/zsh' },
];
const GROUPS: Readonly<Record<string, number>> = { root: 0, ann: 1000, adm: 4 };

export class FakeAccounts implements Accounts {
  ownUid = 0;

  findUser(key: string): Promise<UserAccount | undefined> {
    return Promise.resolve(USERS.find(({ name, uid }) => key === name || key === String(uid)));
  }

  findGroup(key: string): Promise<number | undefined> {
    return Promise.resolve(GROUPS[key]);
  }
}
