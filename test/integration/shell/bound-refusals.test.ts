// A peer that is refused again and again is told to wait, and leaves nothing more behind; what is right is not counted.

import { beforeEach, expect, test } from 'vitest'
import type { Answer, Inbound } from '../../../src/domain/exchange/inbound.ts'
import { problem, type ProblemCode } from '../../../src/kernel/problem.ts'
import { later, type Instant } from '../../../src/kernel/time.ts'
import { boundRefusals, createRefusalBound } from '../../../src/shell/bound-refusals.ts'
import { CONSUMER, NOW, OWN_PID, STRANGER } from '../../fixtures/builders.ts'

const HOUR_MS = 60 * 60 * 1000
const GOOD: Answer = { ok: true, created: false, pids: {}, state: 'AGREED', pid: OWN_PID }
const refusedWith = (code: ProblemCode): Answer => ({ ok: false, problem: problem(code, 'no'), pids: {} })

let at: Instant = NOW
let answer: Answer
let asked: number
const bound = boundRefusals(createRefusalBound({ clock: () => at, perPeerHourMax: 3 }))
const receive = bound<unknown, unknown>({
  message: () => Promise.resolve((asked++, answer)),
  opening: () => Promise.resolve((asked++, answer)),
})
const from = (sender: string): Inbound<unknown> => ({ sender }) as unknown as Inbound<unknown>

beforeEach(() => {
  at = later(at, 2 * HOUR_MS)
  asked = 0
})

test('after so many refusals in an hour a peer is told to wait, whatever it sends; others are not', async () => {
  answer = refusedWith('move.illegal')
  await receive.message(from(CONSUMER))
  await receive.opening(from(CONSUMER), OWN_PID)
  await receive.message(from(CONSUMER))

  answer = GOOD
  await expect(receive.message(from(CONSUMER))).rejects.toMatchObject({ problem: { code: 'busy.limit' } })
  await expect(receive.opening(from(CONSUMER), OWN_PID)).rejects.toMatchObject({ problem: { code: 'busy.limit' } })
  expect(asked).toBe(3)
  expect(await receive.message(from(STRANGER))).toBe(GOOD)

  at = later(at, HOUR_MS)
  expect(await receive.message(from(CONSUMER))).toBe(GOOD)
})

test.each(['process.unknown', 'token.replayed', 'message.repeat-differs', 'busy.limit'] as const)(
  'what leaves no evidence is not counted: %s',
  async (code) => {
    answer = refusedWith(code)
    for (let n = 0; n < 10; n++) expect(await receive.message(from(CONSUMER))).toBe(answer)
  },
)
