/** What the commands may ask of the daemon's code; all else they ask the daemon itself. */
export { chooseEntry, launchDaemon, listEntries, stopDaemon } from './control.ts';
export { completeOptions, readConfig } from './options.ts';
export { runDaemon } from './run.ts';
