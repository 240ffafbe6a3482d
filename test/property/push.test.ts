// A push under every misfortune: lost answers, refusals for now, crashes before and after the data was taken, our own stop, a
// disk that does not take the end of it. However it goes, the consumer has the data in the end, the same every time, and one use was counted.

import { NO_REGIME } from '../../src/domain/policy/regime.ts'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OpenedSource } from '../../src/dataplane/opened-source.ts'
import type { Write } from '../../src/domain/ledger.ts'
import type { HttpUpload, HttpUploadCall } from '../../src/kernel/http-call.ts'
import { problem, ProblemError } from '../../src/kernel/problem.ts'
import { later, type Instant } from '../../src/kernel/time.ts'
import { createAttemptPush } from '../../src/shell/attempt-push.ts'
import { closeInterrupted } from '../../src/shell/close-interrupted.ts'
import { openStore } from '../../src/store/sqlite.ts'
import {
  AGREEMENT_ID,
  agreementAs,
  CONSUMER,
  dataset,
  negotiationAs,
  NOW,
  OWN_PID,
  peer,
  PROVIDER,
  sceneAs,
  transferAs,
} from '../fixtures/builders.ts'

const BYTES = 1_000
const PIECE = 100

/** What happens to one attempt. */
const FAULTS = [
  'taken',
  'answer lost',
  'not now',
  'no connection',
  'broken half-way',
  'source gives out',
  'crash on the way',
  'crash once taken',
  'stop before a byte',
  'stop on the way',
  'end not recorded',
] as const
type Fault = (typeof FAULTS)[number]

interface End {
  readonly used: readonly number[]
  readonly wholes: number
  readonly attempts: number
  readonly isDone: boolean
  readonly state: string
  readonly completions: number
  readonly decisions: number
}

/** Plays the faults one after the other, then takes what comes; gives what the counter showed after each attempt. */
async function play(faults: readonly Fault[], etag: string | null, count: number): Promise<End> {
  let at: Instant = NOW
  let n = 0
  const fresh = (): string => (n++).toString(16).padStart(32, '0')
  const opening = openStore({ file: ':memory:', now: NOW, origin: PROVIDER, nonce: fresh })
  let isFull = false
  const store: typeof opening = {
    ...opening,
    transact: (load, decide) =>
      isFull ? Promise.reject(new ProblemError(problem('store.full', 'no room'))) : opening.transact(load, decide),
  }
  const newScene = (): ReturnType<typeof sceneAs> => ({ ...sceneAs('PROVIDER'), now: at })
  const constraint = [{ leftOperand: 'count', operator: 'lteq', rightOperand: String(count) }] as const
  const dataAddress = {
    '@type': 'DataAddress',
    endpointType: 'HttpData',
    endpoint: 'https://consumer.example/in',
  } as const
  const write: readonly Write[] = [
    { put: 'negotiation', row: negotiationAs('PROVIDER') },
    { put: 'agreement', row: agreementAs('PROVIDER', { permission: [{ action: 'use', constraint }] }) },
    { put: 'peer', row: peer({ did: CONSUMER }) },
    { put: 'dataset', row: dataset({ formats: ['HttpData-PUSH'] }) },
    {
      put: 'transfer',
      row: transferAs('PROVIDER', {
        state: 'STARTED',
        format: 'HttpData-PUSH',
        dataAddress,
        automation: { onRequested: 'start' },
      }),
    },
    {
      put: 'push',
      row: {
        pid: OWN_PID,
        counterparty: CONSUMER,
        attempts: 0,
        dueAt: NOW,
        deadlineAt: null,
        deliveryId: null,
        lastDeliveryId: null,
        lastError: null,
        lastStatus: null,
        doneAt: null,
      },
    },
  ]
  await store.transact(
    () => null,
    () => ({ write, result: null }),
  )

  const left = [...faults]
  let wholes = 0
  let crash: (() => void) | null = null
  let stopping = new AbortController()
  const crashed = (): Promise<never> => {
    crash?.()
    return new Promise(() => undefined)
  }
  const upload =
    (fault: Fault): HttpUploadCall =>
    async ({ body, signal }: HttpUpload) => {
      const unreachable = new ProblemError(problem('peer.unreachable', 'gone'))
      if (fault === 'no connection') throw unreachable
      if (fault === 'stop before a byte') {
        stopping.abort(new ProblemError(problem('stopping', 'over')))
        throw signal.reason
      }
      let bytes = 0
      for await (const piece of body) {
        bytes += piece.byteLength
        if (bytes < BYTES / 2) continue
        if (fault === 'broken half-way') throw unreachable
        if (fault === 'crash on the way') return crashed()
        if (fault === 'stop on the way') stopping.abort(new ProblemError(problem('stopping', 'over')))
      }
      if (bytes === BYTES) wholes += 1
      if (fault === 'answer lost') throw unreachable
      if (fault === 'crash once taken') return crashed()
      isFull = fault === 'end not recorded'
      return { status: fault === 'not now' ? 503 : 200, headers: {}, body: new Uint8Array() }
    }
  const begin = (fault: Fault) =>
    createAttemptPush({
      ...{
        store,
        standing: { isAdmitted: () => true, regime: () => NO_REGIME },
        newScene,
        newDeliveryId: () => `urn:uuid:${fresh()}`,
        clock: () => at,
      },
      ...{
        random: () => 0.5,
        setTimer: () => () => undefined,
        onBytesSent: () => undefined,
        timeoutMs: 1_000,
        answerBytesMax: 1_000,
      },
      openDataset: () => Promise.resolve(opened(etag, fault === 'source gives out')),
      upload: upload(fault),
    })

  const used: number[] = []
  for (let turns = 0; turns < faults.length + 3; turns++) {
    const row = store.reader.get('push', OWN_PID)
    const transfer = store.reader.get('transfer', OWN_PID)
    if (row === null || row.doneAt !== null || transfer?.unacknowledged !== null) break
    at = later(row.dueAt, 1)
    const fault = left.shift() ?? 'taken'
    const dying = new Promise<void>((die) => (crash = die))
    stopping = new AbortController()
    const attempt = begin(fault)
      .attempt(row, stopping.signal)
      .catch((error: unknown) => {
        if (!isFull) throw error
      })
    await Promise.race([attempt, dying])
    isFull = false
    if (fault.startsWith('crash')) await closeInterrupted(store, newScene)
    used.push(store.reader.get('counter', AGREEMENT_ID, 'use')?.used ?? 0)
  }
  const outbox = store.reader.get('outbox', OWN_PID)
  const evidence = store.reader.evidence(0, 10_000)
  const end = {
    used,
    wholes,
    attempts: used.length,
    isDone: store.reader.get('push', OWN_PID)?.doneAt !== null,
    state: outbox?.move ?? 'nothing',
    completions: evidence.filter(({ envelope }) => envelope.includes('"move":"TransferCompletionMessage"')).length,
    decisions: evidence.filter(({ type }) => type === 'decision').length,
  }
  store.close()
  return end
}

function opened(etag: string | null, givesOut: boolean): OpenedSource {
  const body = Readable.from(
    (function* () {
      for (let sent = 0; sent < BYTES; sent += PIECE) {
        if (givesOut && sent === 300) throw new ProblemError(problem('source.unavailable', 'gone'))
        yield Buffer.alloc(PIECE, 'x')
      }
    })(),
  )
  const known = {
    answer: 'data',
    mediaType: 'text/csv',
    // What has no tag says nothing of its size either.
    size: etag === null ? null : BYTES,
    part: null,
    lastModified: null,
    takesRanges: true,
  } as const
  return { ...known, etag, digest: null, body, learn: () => undefined, close: async () => void body.destroy() }
}

const dialogues = fc.array(fc.constantFrom(...FAULTS), { maxLength: 8 })

test('is delivered, is one use, and is completed once', async () => {
  await fc.assert(
    fc.asyncProperty(dialogues, async (faults) => {
      const { used, wholes, isDone, state, completions } = await play(faults, '"v1"', 1)
      expect({ isDone, state, completions, last: used.at(-1) }).toEqual({
        isDone: true,
        state: 'TransferCompletionMessage',
        completions: 1,
        last: 1,
      })
      expect(wholes).toBeGreaterThan(0)
      expect(Math.max(...used)).toBe(1)
    }),
    { numRuns: 150 },
  )
})

test('ends with the first attempt that the consumer acknowledges', async () => {
  await fc.assert(
    fc.asyncProperty(dialogues, async (faults) => {
      const taken = faults.indexOf('taken')
      const { attempts } = await play(faults, '"v1"', 1)
      expect(attempts).toBe(taken === -1 ? faults.length + 1 : taken + 1)
    }),
    { numRuns: 50 },
  )
})

test('of data that nothing tells from newer data takes a use for each time that the consumer may have had all of it', async () => {
  await fc.assert(
    fc.asyncProperty(dialogues, async (faults) => {
      const { used, isDone } = await play(faults, null, 100)
      const until = faults.includes('taken') ? faults.slice(0, faults.indexOf('taken')) : faults
      const theirs = until.filter((fault) => ['answer lost', 'not now', 'broken half-way'].includes(fault)).length
      expect(isDone).toBe(true)
      expect(used.at(-1)).toBeLessThanOrEqual(1 + theirs)
    }),
    { numRuns: 50 },
  )
})

test('whose use is taken is decided on once an attempt, and each decision is on record once', async () => {
  const { attempts, decisions, state } = await play(['answer lost'], null, 1)
  expect({ attempts, decisions, state }).toEqual({ attempts: 2, decisions: 2, state: 'TransferSuspensionMessage' })
})
