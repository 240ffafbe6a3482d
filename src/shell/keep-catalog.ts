// Keeps in memory which offers stand on which dataset: brought up to date with every commit, made anew beside the old when
// the policies change, and swapped in one step. The database needs no trace of it: both of its sources are kept elsewhere.

import { bundlesOn, indexOffers, type OfferIndex } from '../domain/catalog/offer-index.ts'
import { NO_SHELVES, shelve, unshelve, type Shelf, type Shelves } from '../domain/catalog/shelves.ts'
import type { DatasetRow, Store, Write } from '../domain/ledger.ts'
import { NO_REGIME, type Regime } from '../domain/policy/regime.ts'
import type { OfferDefinition } from '../domain/policy/offer-definition.ts'
import type { Log } from '../kernel/log.ts'
import { bad, type Result } from '../kernel/problem.ts'
import type { Pause } from './ports.ts'

/** One generation of offers, and the datasets under it: what a request reads of it belongs together. */
export interface Generation {
  readonly index: OfferIndex
  readonly shelves: Shelves
}

export interface Prepared {
  /** Puts the new offers in force, for everybody at once. */
  readonly install: () => void
  /** Forgets them; without effect once they are in force. */
  readonly discard: () => void
}

export interface KeepCatalog {
  readonly current: () => Generation
  /**
   * Puts every dataset under these offers while those in force go on serving. Refuses (`policy.invalid`) offers that cut the
   * datasets into more different sets of offers than fit into memory.
   *
   * @param regime what is in force beside the offers from the same moment on; absent: nothing
   */
  readonly prepare: (definitions: readonly OfferDefinition[], regime?: Regime) => Promise<Result<Prepared>>
}

export interface KeepCatalogOptions {
  readonly store: Store
  readonly log: Log
  readonly pause: Pause
  /** Numbers in all lists of offers together; each takes 8 bytes. */
  readonly shelvedMax: number
}

export const SHELVED_MAX = 8_000_000

/** Datasets that are put on their shelves without a pause: some milliseconds. */
const SLICE = 250

/** A generation in the making or in force. */
interface Making {
  readonly index: OfferIndex
  readonly share: Share
  shelves: Shelves
}

/** Gives one list for all equal ones; null where no other fits. */
type Share = (shelf: Shelf, size: number) => Shelf | null

export function createKeepCatalog({ store, log, pause, shelvedMax }: KeepCatalogOptions): KeepCatalog {
  let inForce = begin([])
  const followed = new Set([inForce])

  store.onCommit((writes) => {
    for (const write of writes) for (const making of followed) follow(making, write)
  })

  function begin(definitions: readonly OfferDefinition[], regime: Regime = NO_REGIME): Making {
    return { index: indexOffers(definitions, regime), share: createShare(shelvedMax), shelves: NO_SHELVES }
  }

  function follow(making: Making, write: Write): void {
    if ('remove' in write && write.remove === 'dataset') {
      making.shelves = unshelve(making.shelves, write.key[0] ?? '')
    }
    if ('put' in write && write.put === 'dataset' && !place(making, write.row)) {
      // What is not known to be offered is not shown.
      making.shelves = unshelve(making.shelves, write.row.id)
      log.error('catalog.full', { dataset: write.row.id, hint: 'too many different sets of offers; it is not shown' })
    }
  }

  return {
    current: () => inForce,
    prepare: async (definitions, regime) => {
      const making = begin(definitions, regime)
      const discard = (): void => {
        if (making !== inForce) followed.delete(making)
      }
      // From here on every commit reaches it too, so that it does not matter on which side of the reading a change falls.
      followed.add(making)
      for (let after: string | null = null, isLast = false; !isLast;) {
        const rows: readonly DatasetRow[] = store.reader.list('dataset', { after, limit: SLICE })
        if (!rows.every((row) => place(making, row))) {
          discard()
          return bad('policy.invalid', 'the offers cut the datasets into too many different sets of offers')
        }
        after = rows.at(-1)?.id ?? null
        isLast = rows.length < SLICE
        if (!isLast) await pause()
      }
      const install = (): void => {
        if (inForce === making) return
        followed.delete(inForce)
        inForce = making
      }
      return { ok: true, value: { install, discard } }
    },
  }
}

/** Puts a dataset on its shelf, or takes it off where nothing is offered on it. False where no list of offers fits any more. */
function place(making: Making, row: DatasetRow): boolean {
  const bundles = bundlesOn(making.index, row)
  if (bundles.length === 0) {
    making.shelves = unshelve(making.shelves, row.id)
    return true
  }
  const shelf = making.share(bundles, making.shelves.size)
  if (shelf === null) return false
  making.shelves = shelve(making.shelves, row.id, shelf)
  return true
}

function createShare(shelvedMax: number): Share {
  const shared = new Map<string, Shelf>()
  let numbers = 0
  return (shelf, size) => {
    const key = shelf.join(' ')
    const known = shared.get(key)
    if (known !== undefined) return known
    // Many lists that no dataset uses any more: what is in use is shared again from its next edit on.
    if (shared.size > 2 * size + 1_000) {
      shared.clear()
      numbers = 0
    }
    if (numbers + shelf.length > shelvedMax) return null
    numbers += shelf.length
    shared.set(key, shelf)
    return shelf
  }
}
