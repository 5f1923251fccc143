/** One value that is still there after kill -9 and power cuts. */
export interface KeptValue {
  /**
   * The value; undefined when there is none. What is there and cannot be read: E_STATE_BROKEN,
   * E_HOME_DENIED.
   */
  read(): unknown;
  /** Takes what cannot be read out of the way, and says where it is kept for people. */
  setAside(): string;
  /** Replaces the value, on disk when it settles. Throws E_CANNOT_WRITE; the old one stays then. */
  write(value: unknown): Promise<void>;
}
