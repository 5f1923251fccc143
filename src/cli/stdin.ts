/** What our stdin is, found out without opening it as a stream, which takes milliseconds. */
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';

/** The device number of /dev/null on Linux. */
const NULL_DEVICE = 0x103;

/** Whether no input is to be sent from here: a person sits there, or nothing is there. */
export function isStdinIdle(): boolean {
  const stat = fstatSync(0);
  return stat.isCharacterDevice() && (stat.rdev === NULL_DEVICE || isatty(0));
}
