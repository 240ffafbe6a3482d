// What an administrator keeps: datasets and the register of peers. Each act is one transaction with its evidence.

import type { DataSource } from '../domain/delivery/data-source.ts'
import { sealSource, type SealSecret } from '../domain/delivery/sealed-source.ts'
import type { DatasetRow, PeerRow, Store, Table, Tables, Write } from '../domain/ledger.ts'
import type { EvidenceDraft } from '../domain/evidence/entry.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import { canonicalJson, type Json } from '../kernel/canonical-json.ts'
import { digestOf } from '../kernel/digest.ts'
import type { Clock } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'

export interface AdministerOptions {
  readonly store: Store
  readonly clock: Clock
  readonly self: ParticipantId
  readonly sealSecret: SealSecret
  readonly datasetsMax: number
}

/** A dataset as an administrator gives it, its credentials in clear. */
export type NewDataset = Omit<DatasetRow, 'createdAt' | 'source'> & { readonly source: DataSource | null }

/** `by` is the name of the management token. */
export interface Administer {
  /**
   * All of them or none, their credentials sealed. Refuses (`resource.exists`) an id that is published already, and
   * (`resource.limit`) what would be more than `datasetsMax` in all.
   */
  addDatasets(datasets: readonly NewDataset[], by: string): Promise<readonly DatasetRow[]>
  removeDataset(id: string, by: string): Promise<void>
  /** Adds a peer, or changes the one that is listed. */
  putPeer(row: Omit<PeerRow, 'addedAt'>, by: string): Promise<PeerRow>
  removePeer(did: string, by: string): Promise<void>
}

export function createAdminister({ store, clock, self, sealSecret, datasetsMax }: AdministerOptions): Administer {
  function act(type: EvidenceDraft['type'], by: string, ext: { readonly [key: string]: Json }): Write {
    return { append: 'evidence', entry: { type, at: clock(), actor: self, ext: { by, ...ext } } }
  }

  async function remove<T extends Table>(
    table: T,
    key: string,
    type: EvidenceDraft['type'],
    by: string,
  ): Promise<void> {
    const gone = await store.transact(
      (read) => read.get(table, key),
      (found: Tables[T] | null) => ({
        write:
          found === null
            ? []
            : [
                { remove: table, key: [key] },
                act(type, by, { removed: key, digest: digestOf(canonicalJson(found as unknown as Json)) }),
              ],
        result: found !== null,
      }),
    )
    if (!gone) throw new ProblemError(problem('resource.unknown', `no such ${table}`))
  }

  return {
    addDatasets: async (datasets, by) => {
      const added = datasets.map((dataset): DatasetRow => {
        const { source } = dataset
        const sealed = source === null ? null : sealSource(source, dataset.id, sealSecret)
        return { ...dataset, source: sealed, createdAt: clock() }
      })
      const repeated = repeatedId(added)
      const refusal = await store.transact(
        (read) => ({
          taken: added.find(({ id }) => read.get('dataset', id) !== null)?.id ?? repeated,
          isFull: read.datasetCount() + added.length > datasetsMax,
        }),
        ({ taken, isFull }) => {
          if (taken !== null)
            return { write: [], result: problem('resource.exists', `the dataset ${taken} is published already`, '@id') }
          if (isFull)
            return {
              write: [],
              result: problem('resource.limit', `at most ${String(datasetsMax)} datasets are published`),
            }
          const write = added.flatMap((row): Write[] => [
            { put: 'dataset', row },
            act('admin.dataset', by, { added: row.id, formats: row.formats, source: row.source?.type ?? null }),
          ])
          return { write, result: null }
        },
      )
      if (refusal !== null) throw new ProblemError(refusal)
      return added
    },
    removeDataset: (id, by) => remove('dataset', id, 'admin.dataset', by),
    putPeer: (row, by) => {
      const { did, name, claims, address } = row
      return store.transact(
        (read) => read.get('peer', did)?.addedAt ?? clock(),
        (addedAt) => ({
          write: [
            { put: 'peer', row: { ...row, addedAt } },
            act('admin.peer', by, { listed: did, name, claims, address }),
          ],
          result: { ...row, addedAt },
        }),
      )
    },
    removePeer: (did, by) => remove('peer', did, 'admin.peer', by),
  }
}

function repeatedId(rows: readonly DatasetRow[]): string | null {
  const ids = new Set<string>()
  for (const { id } of rows) {
    if (ids.has(id)) return id
    ids.add(id)
  }
  return null
}
