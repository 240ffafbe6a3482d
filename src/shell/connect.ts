// From "I want that dataset of theirs" to a transfer that is open: reuses what is valid, negotiates what is missing.
// Safe to repeat: a second call finds what the first one made.

import type { Negotiation } from '../domain/exchange/negotiation.ts'
import { isOpen, type Transfer } from '../domain/exchange/transfer.ts'
import type { AgreementRow, Reader, Store } from '../domain/ledger.ts'
import { problem, ProblemError, type Problem } from '../kernel/problem.ts'
import type { ParticipantId, Pid } from '../protocol/ids.ts'
import type { Act } from './act.ts'
import type { RequestCatalog } from './request-catalog.ts'

export interface ConnectOptions {
  readonly store: Store
  readonly act: Act
  readonly requestCatalog: RequestCatalog
  /** Whether the token of an open transfer still works, renewed where that is due. */
  readonly isUsable: (transferPid: string) => Promise<boolean>
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

export function createConnect({ store, act, requestCatalog, isUsable, timeoutMs }: ConnectOptions): Connect {
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

  /** One that a call before this one has opened, and was broken off or still waits, goes on: it is waited for. */
  async function agreementFor(request: ConnectRequest, by: string): Promise<AgreementRow> {
    const { counterparty, datasetId } = request
    const underWay = reader.negotiationsAbout(counterparty, 'CONSUMER', datasetId).find(({ ending }) => !ending)
    const pid = underWay?.pid ?? (await requestOffer(request, by))
    return until((read) => {
      const negotiation = read.get('negotiation', pid)
      if (negotiation?.state === 'FINALIZED') return read.get('agreement', negotiation.agreementId ?? '')
      return ended(negotiation)
    }, 'the negotiation')
  }

  async function requestOffer({ counterparty, address, datasetId }: ConnectRequest, by: string): Promise<Pid> {
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
    return (await act.openNegotiation({ role: 'CONSUMER', counterparty, peerAddress: base, offer: offered }, by)).pid
  }

  async function transferFor(agreement: AgreementRow, format: string, by: string): Promise<Transfer> {
    const underWay = reader.transfersOf(agreement.id).find((each) => each.format === format && isOnItsWay(each))
    const pid = underWay?.pid ?? (await act.openTransfer({ agreementId: agreement.id, format }, by)).pid
    return until((read) => {
      const transfer = read.get('transfer', pid)
      return transfer !== null && isOpen(transfer) ? transfer : ended(transfer)
    }, 'the transfer request')
  }

  /** One that is open, and from which data can be fetched. Whose token is over and is not renewed, that one is of no use: it ends. */
  async function usableTransfer({ id }: AgreementRow, format: string, by: string): Promise<Transfer | null> {
    const running = reader.transfersOf(id).find((each) => each.format === format && isOpen(each)) ?? null
    if (running === null || (await isUsable(running.pid))) return running
    const reason = 'its data token is over and was not renewed'
    await act.onTransfer(running.pid, 'terminate', { reason }, by).catch((error: unknown) => {
      // It has moved meanwhile, and is not ours to end any more.
      if (!(error instanceof ProblemError)) throw error
    })
    return null
  }

  async function connected(request: ConnectRequest, by: string): Promise<Connected> {
    const valid =
      reader.agreementsOn(request.counterparty, 'CONSUMER', request.datasetId as AgreementRow['datasetId'])[0] ?? null
    const agreement = valid ?? (await agreementFor(request, by))
    const running = await usableTransfer(agreement, request.format, by)
    const transfer = running ?? (await transferFor(agreement, request.format, by))
    return {
      agreementId: agreement.id,
      transferId: transfer.pid,
      reused: { agreement: valid !== null, transfer: running !== null },
    }
  }

  const calls = new Map<string, Promise<Connected>>()
  return (request, by) => {
    // Calls for the same at the same moment share one: two would negotiate twice.
    const same = JSON.stringify([request.counterparty, request.datasetId, request.format])
    const running = calls.get(same)
    if (running !== undefined) return running
    const connecting = connected(request, by).finally(() => calls.delete(same))
    calls.set(same, connecting)
    return connecting
  }
}

/** Asked for and not started yet: neither side has ended it. */
function isOnItsWay({ state, ending }: Transfer): boolean {
  return !ending && (state === 'INITIAL' || state === 'REQUESTED')
}

/** Null while it goes on; throws once it has ended. */
function ended(process: Negotiation | Transfer | null): null {
  const over = process === null || process.ending || process.state === 'TERMINATED' || process.state === 'COMPLETED'
  if (!over) return null
  const fallback: Problem = problem('process.ended', 'it was ended')
  throw new ProblemError(process?.problem ?? fallback)
}
