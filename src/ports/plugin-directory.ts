/** Where the executables of plugins lie, and what a process takes of memory. */

/** Why something cannot be trusted: the part of its path, and what is wrong there. */
export interface Untrusted {
  readonly path: string;
  readonly reason: string;
}

export interface FoundPlugin {
  /** Its name within the directory. */
  readonly file: string;
  readonly path: string;
  /** Another one means that the file is another, or has changed. */
  readonly fingerprint: string;
  readonly untrusted: Untrusted | null;
}

export interface PluginDirectory {
  readonly path: string;
  /**
   * The executables, by name; none where there is no directory. Throws E_PLUGIN_UNSAFE when others
   * could put something there.
   */
  scan(): readonly FoundPlugin[];
  /** Calls `onChange` soon after something in it has changed, if the system tells. */
  watch(onChange: () => void): void;
  close(): void;
}

/** Resident bytes of a process and all that it has started, as the kernel counts; 0 when gone. */
export type MeasureMemory = (pid: number) => number;
