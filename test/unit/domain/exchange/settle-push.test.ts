// What the end of an attempt to push means for the transfer: again, done, or stopped with the reason told.

import { describe, expect, test } from 'vitest'
import { afterFailure, settlePush, type AttemptMade } from '../../../../src/domain/exchange/settle-push.ts'
import type { PushRow } from '../../../../src/domain/ledger.ts'
import { problem, type ProblemCode } from '../../../../src/kernel/problem.ts'
import { later } from '../../../../src/kernel/time.ts'
import { CONSUMER, entryTypesOf, NOW, OWN_PID, putsOf, sceneAs, transferAs } from '../../../fixtures/builders.ts'

const DAY_MS = 86_400_000
const PUSH: PushRow = {
  pid: OWN_PID,
  counterparty: CONSUMER,
  attempts: 2,
  dueAt: NOW,
  deadlineAt: later(NOW, DAY_MS),
  deliveryId: 'd',
  lastDeliveryId: 'd',
  lastError: null,
  lastStatus: null,
  doneAt: null,
}
const OPEN = transferAs('PROVIDER', {
  state: 'STARTED',
  format: 'HttpData-PUSH',
  peerMovedAt: later(NOW, -60_000),
  automation: { onRequested: 'start' },
})
const SCENE = sceneAs('PROVIDER')
const reason = problem('peer.refused', 'the peer answered 418')

const answered = (status: number, retryAfterMs: number | null = null): AttemptMade => ({
  attempt: { kind: 'answered', status },
  reason,
  retryAfterMs,
})
const after = (made: AttemptMade, push: Partial<PushRow> = {}): ReturnType<typeof afterFailure> =>
  afterFailure(made, { ...PUSH, ...push }, OPEN, 0, NOW)

describe('a failed attempt', () => {
  test.each([500, 502, 503, 408, 425, 429])('that is answered with %i is made again', (status) => {
    expect(after(answered(status))).toMatchObject({ kind: 'again', lastStatus: status, reason })
  })

  test.each([300, 307, 400, 403, 404, 405, 409, 410, 411, 413, 415, 422])(
    'that is answered with %i is the last',
    (status) => {
      expect(after(answered(status))).toEqual({ kind: 'stopped', reason })
    },
  )

  test('without an answer is made again, and one that our guard forbids is the last', () => {
    expect(after({ attempt: { kind: 'unreachable' }, reason, retryAfterMs: null }).kind).toBe('again')
    expect(after({ attempt: { kind: 'forbidden' }, reason, retryAfterMs: null }).kind).toBe('stopped')
  })

  test('that is answered with 401 is made again, and is the last when that comes again', () => {
    expect(after(answered(401)).kind).toBe('again')
    expect(after(answered(401), { lastStatus: 401 }).kind).toBe('stopped')
  })

  test('waits longer each time, ten minutes at most, and as long as the consumer wishes, five at most', () => {
    const waits = [0, 1, 5, 30].map((attempts) => {
      const outcome = after(answered(503), { attempts })
      return outcome.kind === 'again' ? outcome.dueAt - NOW : null
    })
    expect(waits).toEqual([500, 1_000, 16_000, 300_000])
    expect(after(answered(503, 60_000), { attempts: 0 })).toMatchObject({ dueAt: later(NOW, 60_000) })
    expect(after(answered(503, 9e9), { attempts: 0 })).toMatchObject({ dueAt: later(NOW, 300_000) })
  })

  test('whose next would come after the deadline is the last', () => {
    expect(after(answered(503), { deadlineAt: later(NOW, 100) })).toMatchObject({
      kind: 'stopped',
      reason: { code: 'delivery.deadline' },
    })
  })
})

test.each<[ProblemCode, string]>([
  ['peer.refused', 'the peer answered 418'],
  ['source.unavailable', 'source.unavailable'],
  ['defect', 'defect'],
])('a deadline that is met after %s tells of it no more than the consumer may know', (code, told) => {
  const made = { ...answered(503), reason: problem(code, code === 'peer.refused' ? told : 'db.internal at 10.1.2.3') }
  const outcome = after(made, { deadlineAt: later(NOW, 100) })
  const [outbox] = putsOf(settlePush(PUSH, OPEN, outcome, SCENE), 'outbox')
  expect(outbox?.body).toContain(`last: ${told}`)
  expect(outbox?.body).not.toContain('10.1.2.3')
})

describe('a push', () => {
  test('that has arrived is done, and the provider completes the transfer', () => {
    const write = settlePush(PUSH, OPEN, { kind: 'done' }, SCENE)
    expect(putsOf(write, 'push')).toMatchObject([{ attempts: 3, doneAt: NOW, lastError: null }])
    expect(putsOf(write, 'outbox')).toMatchObject([{ move: 'TransferCompletionMessage' }])
  })

  test.each([
    ['that a person completes', { ...OPEN, automation: { onRequested: 'start', onPushed: 'manual' } as const }],
    ['of a transfer that is being suspended', { ...OPEN, unacknowledged: 'TransferSuspensionMessage' as const }],
    ['of a transfer that has ended', { ...OPEN, state: 'TERMINATED' as const }],
  ])('%s is done without a completion of ours', (_what, transfer) => {
    const write = settlePush(PUSH, transfer, { kind: 'done' }, SCENE)
    expect(putsOf(write, 'push')).toMatchObject([{ doneAt: NOW }])
    expect(putsOf(write, 'outbox')).toEqual([])
  })

  test('that is to be sent again remembers why, and gets its deadline where it had none', () => {
    const outcome = { kind: 'again', dueAt: later(NOW, 5), lastStatus: 503, reason } as const
    expect(putsOf(settlePush({ ...PUSH, deadlineAt: null }, OPEN, outcome, SCENE), 'push')).toEqual([
      {
        ...PUSH,
        attempts: 3,
        dueAt: later(NOW, 5),
        deadlineAt: later(NOW, SCENE.deliveryDeadlineMs),
        lastStatus: 503,
        lastError: 'peer.refused: the peer answered 418',
      },
    ])
  })

  test('that is stopped suspends the transfer with the reason, stands in the inbox, and begins anew after a resume', () => {
    const write = settlePush(PUSH, OPEN, { kind: 'stopped', reason }, SCENE)
    expect(entryTypesOf(write)).toEqual(['push.stopped', 'message.proposed'])
    expect(JSON.parse(putsOf(write, 'outbox')[0]?.body ?? '')).toMatchObject({
      '@type': 'TransferSuspensionMessage',
      code: 'peer.refused',
      reason: [expect.stringContaining('418')],
    })
    expect(putsOf(write, 'transfer').at(-1)).toMatchObject({
      unacknowledged: 'TransferSuspensionMessage',
      problem: { code: 'push.stopped' },
    })
    expect(putsOf(write, 'push')).toMatchObject([{ attempts: 0, dueAt: NOW, deadlineAt: null, doneAt: null }])
  })

  // prettier-ignore
  test.each<ProblemCode>(['address.forbidden', 'source.unknown', 'source.unavailable', 'secret.sealed', 'store.full', 'defect'])('that is stopped by %s tells the consumer no more than that', (code) => {
    const write = settlePush(PUSH, OPEN, { kind: 'stopped', reason: problem(code, 'db.internal leads to 10.1.2.3') }, SCENE)
    expect(putsOf(write, 'outbox')[0]?.body).not.toContain('10.1.2.3')
    expect(putsOf(write, 'transfer').at(-1)?.problem?.message).toContain('10.1.2.3')
  })

  test('that was held is due at once when the transfer is open again, with all its attempts', () => {
    expect(settlePush({ ...PUSH, lastStatus: 503 }, { ...OPEN, state: 'SUSPENDED' }, { kind: 'held' }, SCENE)).toEqual([
      { put: 'push', row: { ...PUSH, attempts: 0, dueAt: NOW, deadlineAt: null, lastStatus: null } },
    ])
  })
})
