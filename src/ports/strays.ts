/** Strays: processes of a command that have left its process group (setsid, a daemon). */

/** A process, by its pid and the tick of its start, so that nobody else is taken for it. */
export interface Stray {
  readonly pid: number;
  readonly startTicks: string;
}

/** Those of one command. */
export interface Strays {
  /** Who there is, by a look that begins after this is asked for. */
  find(): Promise<readonly Stray[]>;
  /** Does nothing when it has ended meanwhile. */
  signal(stray: Stray, signal: NodeJS.Signals): void;
}
