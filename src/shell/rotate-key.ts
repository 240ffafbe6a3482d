// Another signing key in place of the present one, so that no message in flight is lost: published before it signs, and the
// old one published until what it signed has expired. Each step leaves evidence before it takes effect.

import type { EvidenceDraft } from '../domain/evidence/entry.ts'
import type { Store } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import { later, toIso, type Clock } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { KeyRing } from '../trust/key-ring.ts'
import type { OwnKey } from '../trust/keys.ts'
import type { SetTimer } from './timer.ts'

export interface RotateKeyOptions {
  readonly ring: KeyRing
  readonly store: Pick<Store, 'transact'>
  readonly clock: Clock
  readonly self: ParticipantId
  readonly log: Log
  readonly setTimer: SetTimer
}

export interface Rotation {
  readonly key: OwnKey
}

export interface RotateKey {
  /**
   * @param request.atOnce the present key is known to others: it leaves the DID document now and the new one signs now;
   *                       messages in flight are refused and sent again
   * Refuses (`busy.limit`) while another rotation is being written, and where too many keys are published.
   */
  rotate(request: { readonly atOnce: boolean }, by: string): Promise<Rotation>
  /** Destroys what has left the DID document, now and whenever a key does from now on. */
  retire(): Promise<void>
  stop(): void
}

/** Longer than peers keep our DID document: five minutes in a resolver like ours, after one in a cache on the way. */
const PUBLISHED_BEFORE_MS = 6 * 60_000
/** Longer than any token that the old key signed is accepted anywhere (DCP tokens: ten minutes at most). */
const KEPT_AFTER_MS = 10 * 60_000
const KEYS_MAX = 8

export function createRotateKey({ ring, store, clock, self, log, setTimer }: RotateKeyOptions): RotateKey {
  let isRotating = false
  let forget = (): void => undefined

  async function onRecord(type: EvidenceDraft['type'], ext: NonNullable<EvidenceDraft['ext']>): Promise<void> {
    await store.transact(
      () => null,
      () => ({ write: [{ append: 'evidence', entry: { type, at: clock(), actor: self, ext } }], result: null }),
    )
  }

  async function makeNext(atOnce: boolean, by: string): Promise<OwnKey> {
    const now = clock()
    if (ring.at(now).all.length >= KEYS_MAX) {
      throw new ProblemError(
        problem('busy.limit', `${String(KEYS_MAX)} keys are published already: wait until one leaves`),
      )
    }
    const signsFrom = atOnce ? now : later(now, PUBLISHED_BEFORE_MS)
    const olderUntil = atOnce ? now : later(signsFrom, KEPT_AFTER_MS)
    const { key, adopt, discard } = await ring.prepare({ now, signsFrom, olderUntil })
    try {
      const times = { signsFrom: toIso(signsFrom), olderUntil: toIso(olderUntil) }
      await onRecord('key.created', { by, kid: key.id, instead: ring.at(now).current.id, ...times })
    } catch (error) {
      await discard()
      throw error
    }
    await adopt()
    log.info('key.rotated', { kid: key.id, signsFrom: toIso(signsFrom) })
    return key
  }

  /** One after the other: the timer and a rotation may ask at the same moment. */
  let last: Promise<void> = Promise.resolve()
  function retire(): Promise<void> {
    last = last.then(retireNow, retireNow)
    return last
  }

  async function retireNow(): Promise<void> {
    for (const key of ring.retiredAt(clock())) {
      await onRecord('key.retired', { kid: key.id })
      await ring.destroy(key, clock())
      log.info('key.retired', { kid: key.id })
    }
    forget()
    const next = ring.nextRetirement(clock())
    if (next !== null) forget = setTimer(next - clock(), retireInPassing)
  }

  function retireInPassing(): void {
    retire().catch((error: unknown) => {
      log.error('key.not-retired', { error, hint: 'the next start tries again' })
    })
  }

  return {
    rotate: async ({ atOnce }, by) => {
      if (isRotating) throw new ProblemError(problem('busy.limit', 'another rotation is being written'))
      isRotating = true
      try {
        const key = await makeNext(atOnce, by)
        await retire()
        return { key }
      } finally {
        isRotating = false
      }
    },
    retire,
    stop: () => {
      forget()
    },
  }
}
