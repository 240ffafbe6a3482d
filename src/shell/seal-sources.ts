// At the start: credentials that earlier versions wrote in clear are sealed, and those that this master key cannot open are named.

import {
  sealSource,
  sourceInClear,
  type Sealed,
  type SealedSource,
  type SealSecret,
} from '../domain/delivery/sealed-source.ts'
import type { DatasetRow, Store, Write } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import type { Instant } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'

export interface SealSourcesOptions {
  readonly store: Store
  readonly seal: SealSecret
  /** Whether the present master key opens it. */
  readonly isMine: (sealed: Sealed) => boolean
  readonly self: ParticipantId
  readonly at: Instant
  readonly log: Log
}

/** Datasets that are looked at in one transaction. */
const BATCH = 500
/** Ids of refused datasets that are logged; the rest are counted. */
const NAMED_MAX = 20

/**
 * Seals what is in clear, with evidence in the same transaction, and then removes every trace of it from the file. Says in the
 * log which datasets cannot be served; the connector starts all the same, for everything else can.
 */
export async function sealSources({ store, seal, isMine, self, at, log }: SealSourcesOptions): Promise<void> {
  const foreign: string[] = []
  let sealedCount = 0
  for (let after: string | null = null, isLast = false; !isLast;) {
    const from: string | null = after
    const rows: readonly DatasetRow[] = await store.transact(
      (read) => read.datasetsWithSecrets(from, BATCH),
      (found) => {
        const sealed = found.flatMap((row) => sealedRow(row, seal))
        return { write: [...sealed, ...evidenceOf(sealed.length, self, at)], result: found }
      },
    )
    sealedCount += rows.filter(({ source }) => source !== null && sourceInClear(source) !== null).length
    foreign.push(
      ...rows.filter(({ source }) => source !== null && !secretsOf(source).every(isMine)).map(({ id }) => id),
    )
    after = rows.at(-1)?.id ?? null
    isLast = rows.length < BATCH
  }
  if (sealedCount > 0) {
    scrub(store, log)
    log.warn('secrets.sealed', {
      datasets: sealedCount,
      hint: 'older copies of the database hold these credentials in clear',
    })
  }
  if (foreign.length > 0) {
    const hint = 'give back the master key with which they were published, or publish them again'
    log.error('secrets.unreadable', { datasets: foreign.length, ids: foreign.slice(0, NAMED_MAX), hint })
  }
}

/** A disk without room for it leaves traces in the file, which is no worse than it was. */
function scrub(store: Store, log: Log): void {
  try {
    store.scrub()
  } catch (error) {
    log.error('secrets.traces', { error, hint: 'the database file may still hold what was sealed now' })
  }
}

function sealedRow(row: DatasetRow, seal: SealSecret): readonly Write[] {
  const inClear = row.source === null ? null : sourceInClear(row.source)
  return inClear === null ? [] : [{ put: 'dataset', row: { ...row, source: sealSource(inClear, row.id, seal) } }]
}

function evidenceOf(datasets: number, self: ParticipantId, at: Instant): readonly Write[] {
  return datasets === 0
    ? []
    : [{ append: 'evidence', entry: { type: 'secrets.sealed', at, actor: self, ext: { datasets } } }]
}

/** Those that are sealed; what stands in clear is sealed by now. */
function secretsOf(source: SealedSource): readonly Sealed[] {
  if (source.type === 'file' || sourceInClear(source) !== null) return []
  return source.type === 'http' ? Object.values(source.headers ?? {}) : [source.secretAccessKey]
}
