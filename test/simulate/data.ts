// The data of the simulation: a body that takes its time, and a destination that asks at every piece whether it may come.

import { Readable, Writable } from 'node:stream'
import type { OpenedSource } from '../../src/dataplane/opened-source.ts'
import type { Reader } from '../../src/domain/ledger.ts'
import type { Transfer } from '../../src/domain/exchange/transfer.ts'

const PIECES = 4
const PIECE = Buffer.alloc(100)

/** Four pieces, each after a wait. Ends its waiting for good where the process has died. */
export function openSlowly(wait: (piece: number) => Promise<void>): OpenedSource {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let piece = 0; piece < PIECES; piece++) {
      await wait(piece)
      yield PIECE
    }
  }
  return {
    answer: 'data',
    mediaType: 'text/csv',
    size: PIECES * PIECE.length,
    part: null,
    etag: null,
    lastModified: null,
    takesRanges: false,
    digest: `sha-256:${'0'.repeat(64)}`,
    body: Readable.from(pieces()),
    learn: () => undefined,
    close: () => Promise.resolve(),
  }
}

/**
 * Where the pieces of one delivery go. At each of them the provider's own ledger is asked: is the transfer open, is the agreement
 * in force, and was nothing decided against it?
 */
export function watchfulDestination(
  reader: Reader,
  transferPid: string,
  { onFirst, onWrong }: { readonly onFirst: (agreementId: string) => void; readonly onWrong: (why: string) => void },
): Writable {
  let isFirst = true
  return new Writable({
    write: (_piece, _encoding, done) => {
      const transfer = reader.get('transfer', transferPid)
      const agreement = transfer === null ? null : reader.get('agreement', transfer.agreementId)
      if (transfer === null || agreement === null) onWrong('there is no such transfer or agreement')
      else if (!isLive(transfer))
        onWrong(`the transfer is ${transfer.state}, ${String(transfer.unacknowledged)} is on its way`)
      else if (agreement.finalizedAt === null) onWrong('the agreement is not in force')
      else if (agreement.endedAt !== null) onWrong('the agreement was ended')
      else if (isFirst) onFirst(agreement.id)
      isFirst = false
      done()
    },
  })
}

/** Said again, and in other words than where it is decided: started, or starting, and nothing of ours takes it back. */
function isLive({ state, unacknowledged, ending }: Transfer): boolean {
  const isStarting = unacknowledged === 'TransferStartMessage'
  return !ending && (state === 'STARTED' ? unacknowledged === null || isStarting : isStarting)
}
