// Starts of a connector with nothing in it, and what it takes when nothing happens.

import { setTimeout as pause } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { prepareConnector, type BenchConnector } from '../connector.ts'
import { cpuMs, rssMib } from '../resources.ts'
import { dropFolder, newFolder } from '../scratch.ts'
import { median, rounded } from '../statistics.ts'

export interface StartFigures {
  /** From the start of the process to the 200 of `/readyz`: with a database, and with the code compiled before. */
  readonly warmMs: number
  /** The same with neither: keys and database are made, and every file is compiled. */
  readonly firstMs: number
  readonly idleRssMib: number | null
  /** Of one core. */
  readonly idleCpuPercent: number | null
}

export async function measureStart({ sizes: { start }, say }: Bench): Promise<StartFigures> {
  say(
    `${String(start.first)} first starts, ${String(start.warm)} warm ones, ${String(start.idleMs / 1000)} s of idling`,
  )
  const firsts: number[] = []
  for (let number = 1; number <= start.first; number++) {
    const connector = await fresh(number)
    firsts.push(await connector.start())
    await connector.stop()
    dropFolder(connector.folder)
  }

  const connector = await fresh(0)
  await connector.start()
  const warms: number[] = []
  for (let number = 0; number < start.warm; number++) {
    await connector.stop()
    warms.push(await connector.start())
  }
  await pause(start.settleMs)
  const [processId, begun, before] = [connector.processId(), performance.now(), cpuMs(connector.processId())]
  await pause(start.idleMs)
  const [ms, after, rss] = [performance.now() - begun, cpuMs(processId), rssMib(processId)]
  await connector.stop()
  dropFolder(connector.folder)

  return {
    warmMs: rounded(median(warms)),
    firstMs: rounded(median(firsts)),
    idleRssMib: rss === null ? null : rounded(rss),
    idleCpuPercent: before === null || after === null ? null : rounded((100 * (after - before)) / ms),
  }
}

/** A folder and a compile cache that nobody used before. */
function fresh(number: number): Promise<BenchConnector> {
  return prepareConnector({
    name: `start-${String(number)}`,
    compileCache: newFolder(`start-compiled-${String(number)}`),
  })
}
