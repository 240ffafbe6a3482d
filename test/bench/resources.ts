// What a process has used, as Linux tells it; null elsewhere.

import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'

const MIB = 1024 * 1024
const PAGE_BYTES = 4096
/** The kernel's clock tick, the same on all architectures that Node runs on. */
const TICK_MS = 10

/** Memory that is resident now. */
export function rssMib(processId: number): number | null {
  const pages = Number(read(`/proc/${String(processId)}/statm`)?.split(' ')[1])
  return Number.isNaN(pages) ? null : (pages * PAGE_BYTES) / MIB
}

/** Time on a core, all threads, user and system, since it started; in steps of 10 ms. */
export function cpuMs(processId: number): number | null {
  // The name in the second field may hold anything; what follows its bracket is numbers.
  const fields = read(`/proc/${String(processId)}/stat`)
    ?.split(') ')
    .at(-1)
    ?.split(' ')
  const ticks = Number(fields?.[11]) + Number(fields?.[12])
  return Number.isNaN(ticks) ? null : ticks * TICK_MS
}

/** Looks at the resident memory fifty times a second; `lap` gives the most since the last one, null where it cannot be told. */
export function watchRss(processId: number): { readonly lap: () => number | null; readonly stop: () => void } {
  let most = rssMib(processId)
  const look = (): void => {
    const now = rssMib(processId)
    if (now !== null) most = Math.max(most ?? 0, now)
  }
  const timer = setInterval(look, 20)
  return {
    lap: () => {
      look()
      const lap = most
      most = rssMib(processId)
      return lap
    },
    stop: () => clearInterval(timer),
  }
}

/** What the figures depend on. The load is that of the minute before: others on the machine make everything slower. */
export function machine(): Readonly<Record<string, string | number>> {
  const cores = cpus()
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGib: Math.round(totalmem() / MIB / 1024),
    system: `${type()} ${release()}`,
    node: process.version,
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
