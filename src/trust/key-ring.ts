// The keys of a connector while it runs: which sign and which are published follows from their files and from the time alone.

import { later, type Instant } from '../kernel/time.ts'
import { destroyKey, keysAt, openKeys, prepareKey, readKeys, retiredAt } from './keys.ts'
import type { KeyOptions, NewKeyOptions, OwnKey, OwnKeys, PreparedKey } from './keys.ts'

export interface KeyRing {
  readonly at: (now: Instant) => OwnKeys
  /** The key that was made at opening; null where there was one. */
  readonly made: OwnKey | null
  readonly prepare: (times: Omit<NewKeyOptions, 'algorithm'>) => Promise<PreparedKey>
  readonly retiredAt: (now: Instant) => readonly OwnKey[]
  /** When the next key leaves the DID document; null where none will. */
  readonly nextRetirement: (now: Instant) => Instant | null
  readonly destroy: (key: OwnKey, now: Instant) => Promise<void>
}

/** Throws what `openKeys` throws. */
export async function openKeyRing(dir: string, { algorithm, now: openedAt }: KeyOptions): Promise<KeyRing> {
  const before = await readKeys(dir)
  const { current } = await openKeys(dir, { algorithm, now: openedAt })
  const made = before.some(({ id }) => id === current.id) ? null : current
  let keys: readonly OwnKey[] = made === null ? before : [...before, made]
  let kept = snapshot(openedAt)

  /** Asked for every message that is signed; changes at few moments, all of them known. */
  function snapshot(now: Instant): { readonly keys: OwnKeys; readonly from: Instant; readonly until: Instant } {
    const turns = keys.flatMap(({ signsFrom, olderUntil }) => [signsFrom, olderUntil ?? now])
    const next = turns.filter((turn) => turn > now)
    const open = keysAt(keys, { algorithm, now }) ?? { current, all: keys }
    return { keys: open, from: now, until: next.length === 0 ? later(now, Infinity) : (Math.min(...next) as Instant) }
  }

  return {
    made,
    at: (now) => {
      if (now < kept.from || now >= kept.until) kept = snapshot(now)
      return kept.keys
    },
    prepare: async (times) => {
      const prepared = await prepareKey(dir, { algorithm, ...times })
      return {
        ...prepared,
        adopt: async () => {
          await prepared.adopt()
          keys = [...keys, prepared.key]
          kept = snapshot(times.now)
        },
      }
    },
    retiredAt: (now) => retiredAt(keys, now),
    nextRetirement: (now) => {
      const ends = keys
        .slice(1)
        .flatMap(({ olderUntil }) => (olderUntil !== null && olderUntil > now ? olderUntil : []))
      return ends.length === 0 ? null : (Math.min(...ends) as Instant)
    },
    destroy: async (key, now) => {
      await destroyKey(dir, key, now)
      keys = keys.filter(({ id }) => id !== key.id)
      kept = snapshot(now)
    },
  }
}
