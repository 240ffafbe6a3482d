// What an administrator keeps: datasets and the register of peers. Each act is one transaction with its evidence.

import type { DatasetRow, PeerRow, Store, Table, Tables, Write } from '../domain/ledger.ts'
import type { EvidenceDraft } from '../domain/evidence/entry.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { Json } from '../kernel/canonical-json.ts'
import type { Clock } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'

export interface AdministerOptions {
  readonly store: Store
  readonly clock: Clock
  readonly self: ParticipantId
}

/** `by` is the name of the management token. */
export interface Administer {
  /** All of them or none. Refuses (`resource.exists`) an id that is published already. */
  addDatasets(rows: readonly Omit<DatasetRow, 'createdAt'>[], by: string): Promise<readonly DatasetRow[]>
  removeDataset(id: string, by: string): Promise<void>
  /** Adds a peer, or changes the one that is listed. */
  putPeer(row: Omit<PeerRow, 'addedAt'>, by: string): Promise<PeerRow>
  removePeer(did: string, by: string): Promise<void>
}

export function createAdminister({ store, clock, self }: AdministerOptions): Administer {
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
        write: found === null ? [] : [{ remove: table, key: [key] }, act(type, by, { removed: key })],
        result: found !== null,
      }),
    )
    if (!gone) throw new ProblemError(problem('resource.unknown', `no such ${table}`))
  }

  return {
    addDatasets: async (rows, by) => {
      const added = rows.map((row) => ({ ...row, createdAt: clock() }))
      const repeated = added.find(({ id }, index) => added.findIndex((other) => other.id === id) !== index)
      const taken = await store.transact(
        (read) => added.find(({ id }) => read.get('dataset', id) !== null) ?? repeated ?? null,
        (existing) => ({
          write:
            existing !== null
              ? []
              : added.flatMap((row): Write[] => [
                  { put: 'dataset', row },
                  act('admin.dataset', by, { added: row.id, formats: row.formats, source: row.source?.type ?? null }),
                ]),
          result: existing,
        }),
      )
      if (taken !== null)
        throw new ProblemError(problem('resource.exists', `the dataset ${taken.id} is published already`, '@id'))
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
