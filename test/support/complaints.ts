/** Fails with the complaints as they are, one to a line: a comparison would not say it better. */
export function assertNone(complaints: readonly string[]): void {
  if (complaints.length === 0) return;
  const error = new Error(`${complaints.length} found\n    ${complaints.join('\n    ')}`);
  // The place in the test says nothing that the complaints do not.
  error.stack = '';
  throw error;
}
