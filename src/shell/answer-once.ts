// A creating call that may be repeated: the same key with the same request gets the first answer, and the work is done once.

import { ANSWERS_KEPT_MS, type IdempotencyRow, type Store } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import { later, type Clock } from '../kernel/time.ts'

export interface KeptAnswer {
  readonly status: number
  /** The body as it was sent. */
  readonly body: string
}

export interface KeyedRequest {
  /** The name of the management token: each has keys of its own. */
  readonly by: string
  readonly key: string
  /** Of everything that says what is wanted: method, path and body. */
  readonly requestDigest: string
}

/**
 * Does the work, or gives the answer that it had before. Only answers are kept, not refusals: a call that was refused did
 * nothing, and may be repeated. Throws `idempotency.differs` where the key belongs to another request, `busy.limit` where
 * the token has too many keys already, and whatever the work throws.
 */
export type AnswerOnce = (
  request: KeyedRequest,
  work: () => Promise<KeptAnswer>,
) => Promise<{ readonly answer: KeptAnswer; readonly replayed: boolean }>

export interface AnswerOnceOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Answers kept at a time for one token. */
  readonly answersMax: number
}

export function createAnswerOnce({ store, clock, log, answersMax }: AnswerOnceOptions): AnswerOnce {
  const underWay = new Map<string, { readonly requestDigest: string; readonly answer: Promise<KeptAnswer> }>()

  return async ({ by, key: chosen, requestDigest }, work) => {
    // Names of tokens have no space in them: no two of them share a key.
    const key = `${by} ${chosen}`
    const since = later(clock(), -ANSWERS_KEPT_MS)

    const running = underWay.get(key)
    if (running !== undefined) {
      mustBeSame(running.requestDigest, requestDigest)
      return { answer: await running.answer, replayed: true }
    }
    const kept = store.reader.get('idempotency', key)
    if (kept !== null && kept.at > since) {
      mustBeSame(kept.requestDigest, requestDigest)
      return { answer: { status: kept.status, body: kept.body }, replayed: true }
    }
    if (store.reader.answersKept(by, since) >= answersMax) {
      const sentence = `${String(answersMax)} answers are kept for this token already; without a key this call is served`
      throw new ProblemError(problem('busy.limit', sentence, 'Idempotency-Key'))
    }
    const answer = workAndKeep({ key, requestDigest }, work)
    underWay.set(key, { requestDigest, answer })
    try {
      return { answer: await answer, replayed: false }
    } finally {
      underWay.delete(key)
    }
  }

  /**
   * The answer is kept in a commit of its own, right after that of the work. After a crash between the two the key is not
   * known, and a repeat does the work again: datasets are refused as published already, a peer is put once more, connect
   * finds what it made, and a negotiation or a transfer is opened a second time. What cannot be kept (a full disk) is
   * answered all the same, because the work is done.
   */
  async function workAndKeep(
    { key, requestDigest }: Pick<IdempotencyRow, 'key' | 'requestDigest'>,
    work: () => Promise<KeptAnswer>,
  ): Promise<KeptAnswer> {
    const answer = await work()
    const row = { key, requestDigest, ...answer, at: clock() }
    await store
      .transact(
        () => null,
        () => ({ write: [{ put: 'idempotency', row }], result: null }),
      )
      .catch((error: unknown) => {
        log.warn('idempotency.not-kept', { key, error })
      })
    return answer
  }
}

function mustBeSame(first: string, now: string): void {
  if (first === now) return
  const sentence = 'this key belongs to another request; expected a new key for a new request'
  throw new ProblemError(problem('idempotency.differs', sentence, 'Idempotency-Key'))
}
