/** Users and groups, asked for with getent(1): it knows all that the host knows, not files only. */
import { execFile } from 'node:child_process';
import type { Accounts } from '../ports/accounts.ts';

/** A directory service that does not answer is one without that account. */
const LOOK_UP_MS = 10_000;

/** The fields of an entry; undefined when there is none. */
function find(database: 'passwd' | 'group', key: string): Promise<string[] | undefined> {
  return new Promise((resolve) => {
    execFile('getent', [database, '--', key], { timeout: LOOK_UP_MS }, (error, stdout) => {
      const [line = ''] = stdout.split('\n');
      resolve(error === null && line !== '' ? line.split(':') : undefined);
    });
  });
}

export const systemAccounts: Accounts = {
  ownUid: process.getuid?.() ?? 0,
  async findUser(key) {
    const fields = await find('passwd', key);
    if (fields === undefined) return undefined;
    const [name = '', , uid, gid, , home = '/', shell = ''] = fields;
    return { name, uid: Number(uid), gid: Number(gid), home, shell: shell || '/bin/sh' };
  },
  async findGroup(key) {
    const fields = await find('group', key);
    return fields === undefined ? undefined : Number(fields[2]);
  },
};
