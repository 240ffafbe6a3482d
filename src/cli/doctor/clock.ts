// Whether our clock is right: against those of others, and against what we ourselves wrote down before.

import { toIso } from '../../kernel/time.ts'
import { allFine, isProblem, type Check, type Patient } from './check.ts'

/** Tokens are refused beyond this leeway, here and by most peers. */
const SKEW_MAX_MS = 5_000
const BACK_MAX_MS = 1_000

/** To be asked after the checks that call others. */
export function checkClock({ skews, database, now }: Pick<Patient, 'skews' | 'database' | 'now'>): Check {
  const off = skews.filter(({ ms }) => Math.abs(ms) > SKEW_MAX_MS)
  const worst = off.toSorted((a, b) => Math.abs(b.ms) - Math.abs(a.ms))[0]
  const newest = database === null || isProblem(database) ? undefined : database.tail.at(-1)
  const found: string[] = []
  if (worst !== undefined) {
    const side = worst.ms > 0 ? 'behind' : 'ahead of'
    const which = off.length === skews.length && skews.length > 1 ? 'ours is wrong' : 'one of the two is wrong'
    found.push(
      `this clock is ${seconds(Math.abs(worst.ms))} ${side} that of ${worst.from}, and tokens bear ${seconds(SKEW_MAX_MS)}: ${which}; let NTP (chrony, systemd-timesyncd) set it`,
    )
  }
  if (newest !== undefined && newest.at > now + BACK_MAX_MS) {
    found.push(
      `this clock stands ${seconds(newest.at - now)} before the newest entry of the evidence (${toIso(newest.at)}): it was set back, or is wrong now`,
    )
  }
  const compared =
    skews.length === 0 ? 'nothing to compare with was reached' : `compared with ${String(skews.length)} answers`
  return allFine(found, `${toIso(now)}; ${compared}`)
}

function seconds(ms: number): string {
  return `${String(Math.round(ms / 1000))} s`
}
