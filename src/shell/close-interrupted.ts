// Closes at the start what a crash left open: nothing is given back, for nobody knows what was read.

import { endDelivery } from '../domain/access/end-delivery.ts'
import type { DeliveryRow, Store } from '../domain/ledger.ts'
import { endRows } from './access-rows.ts'
import type { NewScene } from './ports.ts'

/** Resolves with how many there were. */
export async function closeInterrupted(store: Store, newScene: NewScene): Promise<number> {
  const open = store.reader.openDeliveries()
  for (const delivery of open) {
    const scene = newScene()
    await store.transact(
      (read) => endRows(read, delivery),
      (rows) => ({
        write:
          rows === null
            ? []
            : endDelivery(rows, { ...noted(rows.delivery), digest: null, outcome: 'interrupted' }, scene),
        result: null,
      }),
    )
  }
  return open.length
}

function noted({ bytes, records }: DeliveryRow): Pick<DeliveryRow, 'bytes' | 'records'> {
  return { bytes, records }
}
