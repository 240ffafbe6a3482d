// How busy the event loop is: asked when somebody reads, so that an idle process has no reason to wake.

import { performance } from 'node:perf_hooks'

export interface LoopReading {
  /** How long something waited that was ready to run at the moment of the reading. */
  readonly lagS: number
  /** The share of the time since the reading before in which the loop was at work, from 0 to 1. */
  readonly utilization: number
}

/** @param seconds a clock that never goes back */
export function createLoop(seconds: () => number): () => Promise<LoopReading> {
  let before = performance.eventLoopUtilization()

  return () => {
    const from = seconds()
    return new Promise((resolve) => {
      setImmediate(() => {
        const now = performance.eventLoopUtilization()
        const { utilization } = performance.eventLoopUtilization(now, before)
        before = now
        resolve({ lagS: seconds() - from, utilization })
      })
    })
  }
}
