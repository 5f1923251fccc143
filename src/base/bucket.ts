/** A token bucket: so many a second on average, and as many at once after a quiet second. */

export interface Bucket {
  readonly perSecond: number;
  tokens: number;
  filledAtMs: number;
}

/** A full bucket. */
export function createBucket(perSecond: number, nowMs: number): Bucket {
  return { perSecond, tokens: perSecond, filledAtMs: nowMs };
}

/** Takes one; false when there is none. */
export function takeToken(bucket: Bucket, nowMs: number): boolean {
  const { perSecond, filledAtMs } = bucket;
  bucket.tokens = Math.min(perSecond, bucket.tokens + ((nowMs - filledAtMs) * perSecond) / 1_000);
  bucket.filledAtMs = nowMs;
  if (bucket.tokens < 1) return false;
  bucket.tokens--;
  return true;
}
