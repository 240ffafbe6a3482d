// From "I want that dataset of theirs" to a transfer that is open: reuses what is valid, negotiates what is missing.
// Safe to repeat: a second call finds what the first one made.

import type { Negotiation } from '../domain/exchange/negotiation.ts'
import { isOpen, type Transfer } from '../domain/exchange/transfer.ts'
import type { AgreementRow, Reader, Store } from '../domain/ledger.ts'
import { problem, ProblemError, type Problem } from '../kernel/problem.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { Act } from './act.ts'
import type { RequestCatalog } from './request-catalog.ts'

export interface ConnectOptions {
  readonly store: Store
  readonly act: Act
  readonly requestCatalog: RequestCatalog
  readonly timeoutMs: number
}

export interface ConnectRequest {
  readonly counterparty: ParticipantId
  readonly address?: string
  readonly datasetId: string
  readonly format: string
}

export interface Connected {
  readonly agreementId: string
  readonly transferId: string
  readonly reused: { readonly agreement: boolean; readonly transfer: boolean }
}

/** Throws `offer.unknown`, `offer.not-understood`, the reason for which a process ended, `peer.unreachable` when it takes too long. */
export type Connect = (request: ConnectRequest, by: string) => Promise<Connected>

export function createConnect({ store, act, requestCatalog, timeoutMs }: ConnectOptions): Connect {
  const { reader } = store

  /** Resolves with what `look` finds, now or after a commit; `look` throws where waiting has become pointless. */
  function until<T>(look: (read: Reader) => T | null, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = { look: (): void => undefined }
      const timer = setTimeout(() => {
        watchers.delete(waiting)
        reject(
          new ProblemError(
            problem(
              'peer.unreachable',
              `${what} took longer than ${String(timeoutMs / 1000)} s; it goes on, ask again later`,
            ),
          ),
        )
      }, timeoutMs)
      waiting.look = () => {
        try {
          const found = look(reader)
          if (found === null) return
          resolve(found)
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
        }
        clearTimeout(timer)
        watchers.delete(waiting)
      }
      watchers.add(waiting)
      waiting.look()
    })
  }
  const watchers = new Set<{ look: () => void }>()
  store.onCommit(() => {
    for (const watcher of watchers) watcher.look()
  })

  async function agreementFor({ counterparty, address, datasetId }: ConnectRequest, by: string): Promise<AgreementRow> {
    const { datasets, address: base } = await requestCatalog({
      counterparty,
      ...(address !== undefined && { address }),
    })
    const dataset = datasets.find(({ id }) => id === datasetId)
    const offered = dataset?.offers.find(({ offer }) => offer !== null)?.offer ?? null
    if (offered === null) {
      const puzzle = dataset?.offers[0]?.notUnderstood[0]
      throw new ProblemError(
        puzzle === undefined
          ? problem('offer.unknown', `${counterparty} shows us no offer on ${datasetId}`)
          : problem('offer.not-understood', puzzle.message, puzzle.path),
      )
    }
    const { pid } = await act.openNegotiation({ role: 'CONSUMER', counterparty, peerAddress: base, offer: offered }, by)
    return until((read) => {
      const negotiation = read.get('negotiation', pid)
      if (negotiation?.state === 'FINALIZED') return read.get('agreement', negotiation.agreementId ?? '')
      return ended(negotiation)
    }, 'the negotiation')
  }

  async function transferFor(agreement: AgreementRow, format: string, by: string): Promise<Transfer> {
    const { pid } = await act.openTransfer({ agreementId: agreement.id, format }, by)
    return until((read) => {
      const transfer = read.get('transfer', pid)
      return transfer !== null && isOpen(transfer) ? transfer : ended(transfer)
    }, 'the transfer request')
  }

  return async (request, by) => {
    const valid =
      reader.agreementsOn(request.counterparty, 'CONSUMER', request.datasetId as AgreementRow['datasetId'])[0] ?? null
    const agreement = valid ?? (await agreementFor(request, by))
    const running =
      reader.transfersOf(agreement.id).find((each) => each.format === request.format && isOpen(each)) ?? null
    const transfer = running ?? (await transferFor(agreement, request.format, by))
    return {
      agreementId: agreement.id,
      transferId: transfer.pid,
      reused: { agreement: valid !== null, transfer: running !== null },
    }
  }
}

/** Null while it goes on; throws once it has ended. */
function ended(process: Negotiation | Transfer | null): null {
  const over = process === null || process.ending || process.state === 'TERMINATED' || process.state === 'COMPLETED'
  if (!over) return null
  const fallback: Problem = problem('process.ended', 'it was ended')
  throw new ProblemError(process?.problem ?? fallback)
}
