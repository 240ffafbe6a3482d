// A number of uses in a period, as `10000/P1D`: the right operand of `tds:frequency`.

import { parseCount, parseDuration } from './lexical.ts'

export interface Rate {
  readonly uses: number
  /** The sliding window, in milliseconds. */
  readonly periodMs: number
}

/** Null for anything else; also for a period with months, which have no fixed length. */
export function parseRate(text: string): Rate | null {
  const [count, period, more] = text.split('/')
  const uses = parseCount(count ?? '')
  const duration = parseDuration(period ?? '')
  if (more !== undefined || uses === null || duration === null || duration.months > 0 || duration.ms === 0) return null
  return { uses, periodMs: duration.ms }
}
