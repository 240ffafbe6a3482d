// A person (or a program of theirs) acts through the management API: open, move or end processes and agreements.

import {
  actOnNegotiation,
  actOnTransfer,
  type ActionDetails,
  type NegotiationAction,
  type TransferAction,
} from '../domain/exchange/act.ts'
import type { SealSecret } from '../domain/delivery/sealed-source.ts'
import { sealSink, type DataSink } from '../domain/delivery/sink.ts'
import type { Negotiation } from '../domain/exchange/negotiation.ts'
import {
  openNegotiationAs,
  requestTransfer,
  type Destination,
  type NegotiationRequest,
  type TransferRequest,
} from '../domain/exchange/open.ts'
import { TRANSFER, type Transfer } from '../domain/exchange/transfer.ts'
import { isTerminal } from '../domain/exchange/machine.ts'
import { proposeMove, TRANSFERS } from '../domain/exchange/steps.ts'
import type { AgreementRow, Store, Write } from '../domain/ledger.ts'
import { bad, orThrow, problem, ProblemError, type Result } from '../kernel/problem.ts'
import type { DataAddress } from '../protocol/dsp/messages.ts'
import type { MessageId } from '../protocol/ids.ts'
import type { Defaults, NewScene, Offers } from './ports.ts'

export interface ActOptions {
  readonly transact: Store['transact']
  readonly newScene: NewScene
  readonly defaults: Defaults
  readonly newMessageId: () => MessageId
  readonly sealSecret: SealSecret
  readonly offers: Offers
}

/** `by` is the name of the management token; it stands in the evidence of what was done. */
export interface Act {
  openNegotiation(
    request: Omit<NegotiationRequest, 'automation'> & { automation?: Partial<NegotiationRequest['automation']> },
    by: string,
  ): Promise<Negotiation>
  openTransfer(
    request: {
      readonly agreementId: string
      readonly format: string
      /** Where a push shall go; credentials of a sink in clear. */
      readonly destination?: { readonly dataAddress: DataAddress } | { readonly sink: DataSink }
      readonly automation?: Partial<TransferRequest['automation']>
    },
    by: string,
  ): Promise<Transfer>
  onNegotiation(pid: string, action: NegotiationAction, details: ActionDetails, by: string): Promise<Negotiation>
  onTransfer(pid: string, action: TransferAction, details: ActionDetails, by: string): Promise<Transfer>
  /** Ends an agreement here: nothing is transferred under it any more, and its transfers are terminated. */
  endAgreement(id: string, reason: string, by: string): Promise<AgreementRow>
}

export function createAct({ transact, newScene, defaults, newMessageId, sealSecret, offers }: ActOptions): Act {
  const sceneOf = (by: string): ReturnType<NewScene> => ({ ...newScene(), by })
  const sealed = (wanted: { dataAddress: DataAddress } | { sink: DataSink }, pid: string): Destination =>
    'sink' in wanted ? { sink: sealSink(wanted.sink, pid, sealSecret) } : wanted

  return {
    openNegotiation: async ({ automation, ...request }, by) => {
      const scene = sceneOf(by)
      const settings = { ...defaults.negotiation, ...automation }
      return orThrow(
        await transact(
          () => null,
          () => written(openNegotiationAs({ ...request, automation: settings }, scene)),
        ),
      )
    },

    openTransfer: async ({ agreementId, format, destination: wanted, automation }, by) => {
      const scene = sceneOf(by)
      const destination = wanted === undefined ? {} : { destination: sealed(wanted, scene.fresh.pid) }
      const settings = { ...defaults.transfer, ...automation }
      return orThrow(
        await transact(
          (read) => {
            const agreement = read.get('agreement', agreementId)
            return {
              agreement,
              negotiation: agreement === null ? null : read.get('negotiation', agreement.negotiationPid),
            }
          },
          ({ agreement, negotiation }) => {
            if (agreement === null || negotiation === null) return none(bad('resource.unknown', 'no such agreement'))
            const { peerAddress } = negotiation
            return written(
              requestTransfer({ agreement, peerAddress, format, ...destination, automation: settings }, scene),
            )
          },
        ),
      )
    },

    onNegotiation: async (pid, action, details, by) => {
      const scene = sceneOf(by)
      const ours = offers()
      return orThrow(
        await transact(
          (read) => {
            const found = read.get('negotiation', pid)
            const dataset = found === null ? null : read.get('dataset', found.offer.target)
            const offersMade = found === null ? 0 : read.offersOf(found.pid).length
            return { found, offersMade, inForce: { dataset, offers: ours } }
          },
          ({ found, offersMade, inForce }) =>
            found === null
              ? none(bad('resource.unknown', 'no such negotiation'))
              : written(actOnNegotiation(found, action, details, offersMade, inForce, scene)),
        ),
      )
    },

    onTransfer: async (pid, action, details, by) => {
      const scene = sceneOf(by)
      return orThrow(
        await transact(
          (read) => read.get('transfer', pid),
          (found) =>
            found === null
              ? none(bad('resource.unknown', 'no such transfer'))
              : written(actOnTransfer(found, action, details, scene)),
        ),
      )
    },

    endAgreement: async (id, reason, by) => {
      const scene = sceneOf(by)
      const { now, self } = scene
      const ended = await transact(
        (read) => ({ agreement: read.get('agreement', id), transfers: read.transfersOf(id as AgreementRow['id']) }),
        ({ agreement, transfers }) => {
          if (agreement === null) return { write: [], result: null }
          if (agreement.endedAt !== null) return { write: [], result: agreement }
          const row = { ...agreement, endedAt: now, endReason: reason }
          const write: Write[] = [
            { put: 'agreement', row },
            {
              append: 'evidence',
              entry: { type: 'agreement.ended', at: now, actor: self, agreement: id, ext: { reason, by } },
            },
          ]
          for (const transfer of transfers) {
            if (isTerminal(TRANSFER, transfer.state)) continue
            const own = { ...scene, fresh: { ...scene.fresh, messageId: newMessageId() } }
            const step = proposeMove(TRANSFERS, transfer, TRANSFER.termination, own, {
              reason: `the agreement was ended: ${reason}`,
            })
            if (step.ok) write.push(...step.value.write)
          }
          return { write, result: row }
        },
      )
      if (ended === null) throw new ProblemError(problem('resource.unknown', 'no such agreement'))
      return ended
    },
  }
}

type Written<Row> = { readonly write: readonly Write[]; readonly result: Result<Row> }

function written<Row>(step: Result<{ readonly next: Row; readonly write: readonly Write[] }>): Written<Row> {
  return step.ok
    ? { write: step.value.write, result: { ok: true, value: step.value.next } }
    : { write: [], result: step }
}

function none(refusal: ReturnType<typeof bad>): {
  readonly write: readonly Write[]
  readonly result: ReturnType<typeof bad>
} {
  return { write: [], result: refusal }
}
