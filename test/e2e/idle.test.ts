// A connector with nothing to do does nothing: no timer of its own fires, and the processor is left alone.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'
import { contractRequest } from '../fixtures/messages.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'

/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100
const OBSERVED_MS = 2_000
const WINDOWS_MAX = 8
/** A timer of half a second would wake it so often in each window. */
const WAITS = 4
/** Generous: a timer of 100 ms would take more. */
const SHARE_MAX = 0.05

let ground: Ground
beforeAll(async () => {
  ground = await startGround()
})
afterAll(async () => ground.discard())

/** Processor time so far, in seconds, and how often the process has let go of the processor of its own accord. */
function usage(processId: number): { readonly seconds: number; readonly waits: number } {
  const fields =
    readFileSync(`/proc/${String(processId)}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? []
  const status = readFileSync(`/proc/${String(processId)}/status`, 'utf8')
  return {
    seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    waits: Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]),
  }
}

test('it uses next to no processor time and hardly ever wakes', async () => {
  const { connector, send, peer } = ground
  // It has worked, and has nothing left to send.
  await send('/negotiations/request', contractRequest(peer.base, 'open', 'urn:dataset:open'))
  await eventually('the outbox is empty', () => connector.rows('SELECT 1 FROM outbox').length === 0)
  await settled(connector.processId())

  const windows: { seconds: number; waits: number }[] = []
  // One of them is quiet: the look at the policies folder, every five seconds, and what else the machine does, come in between.
  while (windows.length < WINDOWS_MAX && windows.every(({ waits }) => waits >= WAITS)) {
    const before = usage(connector.processId())
    const until = Date.now() + OBSERVED_MS
    await eventually('it was watched for a while', () => Date.now() > until)
    const after = usage(connector.processId())
    windows.push({ seconds: after.seconds - before.seconds, waits: after.waits - before.waits })
  }

  const seconds = windows.reduce((sum, window) => sum + window.seconds, 0)
  expect(seconds).toBeLessThan(((OBSERVED_MS * windows.length) / 1_000) * SHARE_MAX)
  expect(Math.min(...windows.map(({ waits }) => waits))).toBeLessThan(WAITS)
})

/** Compilation and garbage collection after the work are over once the processor time stands still for a moment. */
async function settled(processId: number): Promise<void> {
  let last = usage(processId)
  let since = Date.now()
  await eventually('it has come to rest', () => {
    const now = usage(processId)
    if (now.waits !== last.waits) since = Date.now()
    last = now
    return Date.now() - since > 800
  })
}
