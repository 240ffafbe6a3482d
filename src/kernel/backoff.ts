// How long to wait before the next attempt: exponential, capped, with jitter that the caller draws.

export interface Backoff {
  readonly firstMs: number
  readonly maxMs: number
}

/**
 * @param attempts how many attempts have failed so far (1 or more)
 * @param jitter   a number in [0, 1) drawn by the caller; the wait is between half and the whole of the step
 */
export function backoffMs({ firstMs, maxMs }: Backoff, attempts: number, jitter: number): number {
  const step = Math.min(maxMs, firstMs * 2 ** Math.min(attempts - 1, 30))
  return Math.round(step * (0.5 + jitter / 2))
}
