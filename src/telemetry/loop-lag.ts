// How long the event loop was held up: measured by Node itself, off the path of everything else.

import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface LoopLag {
  readonly mean: number
  readonly p99: number
  readonly max: number
}

/** How often it is measured. Rare enough to cost an idle process nothing that could be seen. */
const RESOLUTION_MS = 50
const NANOSECONDS = 1e9

/** Each reading is about the time since the one before, in seconds. `stop` ends the measuring. */
export function measureLoopLag(): { readonly read: () => LoopLag; readonly stop: () => void } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  // Node counts its own interval as delay.
  const lag = (nanoseconds: number): number =>
    Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1000) : 0

  return {
    read: () => {
      const { mean, max } = histogram
      const found = { mean: lag(mean), p99: lag(histogram.percentile(99)), max: lag(max) }
      histogram.reset()
      return found
    },
    stop: () => {
      histogram.disable()
    },
  }
}
