/** Time as an argument: what needs a clock or a timer gets this. */
export interface Clock {
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  monotonicMs(): number;
  /** Milliseconds since the epoch, for people and records. */
  wallMs(): number;
  /** Calls `then` once after `ms`; returns what prevents it. */
  after(ms: number, then: () => void): () => void;
  /** Calls `then` every `ms`; returns what ends it. */
  every(ms: number, then: () => void): () => void;
}
