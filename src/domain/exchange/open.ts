// First steps: a contract negotiation or a transfer process that we open. Pure.

import { bad, type Result } from '../../kernel/problem.ts'
import { isPush } from '../../protocol/dsp/formats.ts'
import type { DataAddress } from '../../protocol/dsp/messages.ts'
import { writePushAddress } from '../../protocol/dsp/push-address.ts'
import type { ParticipantId, Role } from '../../protocol/ids.ts'
import type { MessageOffer } from '../../protocol/odrl/types.ts'
import { accessTokenHash } from '../delivery/access-token.ts'
import type { SealedSink } from '../delivery/sink.ts'
import { compilePolicy } from '../policy/compile.ts'
import type { AgreementRow } from '../ledger.ts'
import type { NegotiationAutomation, TransferAutomation } from './automation.ts'
import type { Negotiation } from './negotiation.ts'
import { keepOffer } from './offers-made.ts'
import type { Scene } from './scene.ts'
import { NEGOTIATIONS, proposeMove, TRANSFERS, type Step } from './steps.ts'
import type { Transfer } from './transfer.ts'

export interface NegotiationRequest {
  /** Whether we ask as the consumer, or offer unasked as the provider. */
  readonly role: Role
  readonly counterparty: ParticipantId
  /** The counter-party's DSP base. */
  readonly peerAddress: string
  readonly offer: MessageOffer
  readonly automation: NegotiationAutomation
}

/**
 * A ContractRequestMessage to a provider, or a ContractOfferMessage to a consumer that did not ask. Refuses
 * (`offer.not-understood`) an offer with a rule that we cannot keep: nobody should be bound to what their connector does
 * not understand.
 */
export function openNegotiationAs(
  { role, counterparty, peerAddress, offer, automation }: NegotiationRequest,
  scene: Scene,
): Result<Step<Negotiation>> {
  const compiled = compilePolicy(offer, 'offer')
  if (!compiled.ok) return bad('offer.not-understood', compiled.problem.message, compiled.problem.path)

  const opened: Negotiation = {
    ...newProcess({ role, counterparty, peerAddress }, scene),
    offer,
    offeredBy: role,
    agreementId: null,
    automation,
  }
  const move = role === 'CONSUMER' ? 'ContractRequestMessage:initial' : 'ContractOfferMessage:initial'
  const proposed = proposeMove(NEGOTIATIONS, opened, move, scene)
  if (!proposed.ok) return proposed
  const { next, write } = proposed.value
  return { ok: true, value: { next, write: [...write, keepOffer(next, 0, scene.now)] } }
}

export interface TransferRequest {
  readonly agreement: AgreementRow
  readonly peerAddress: string
  readonly format: string
  /** Where a push shall go; absent for a pull. */
  readonly destination?: Destination
  readonly automation: TransferAutomation
}

/** An address of somebody else's, or a sink that we fill with what comes to an address of our own. */
export type Destination = { readonly dataAddress: DataAddress } | { readonly sink: SealedSink }

/** A TransferRequestMessage under an agreement that is ours to use: we are its assignee, it is FINALIZED and not ended. */
export function requestTransfer(
  { agreement, peerAddress, format, destination, automation }: TransferRequest,
  scene: Scene,
): Result<Step<Transfer>> {
  if (agreement.role !== 'CONSUMER')
    return bad('agreement.unknown', 'we are the provider of this agreement, not its consumer')
  if (agreement.finalizedAt === null) return bad('agreement.not-final', 'this agreement is not FINALIZED yet')
  if (agreement.endedAt !== null) return bad('agreement.ended', 'this agreement was ended')
  if (isPush(format) !== (destination !== undefined)) return misplaced(format)

  const { counterparty, id, datasetId } = agreement
  const opened: Transfer = {
    ...newProcess({ role: 'CONSUMER', counterparty, peerAddress }, scene),
    agreementId: id,
    datasetId,
    format,
    dataAddress: null,
    addressAt: null,
    automation,
    resumed: false,
    overtaken: null,
  }
  if (destination === undefined) return proposeMove(TRANSFERS, opened, 'TransferRequestMessage', scene)
  if ('dataAddress' in destination) {
    const { dataAddress } = destination
    return proposeMove(TRANSFERS, opened, 'TransferRequestMessage', scene, { dataAddress })
  }
  return requestToUs(opened, destination.sink, scene)
}

/** The provider is to send to our own data endpoint, with a token that is good for this transfer and while it is open. */
function requestToUs(opened: Transfer, sink: SealedSink, scene: Scene): Result<Step<Transfer>> {
  const { accessToken } = scene.fresh
  const dataAddress = writePushAddress({ endpoint: `${scene.dataBase}/${opened.pid}`, authorization: accessToken })
  const proposed = proposeMove(TRANSFERS, opened, 'TransferRequestMessage', scene, { dataAddress })
  if (!proposed.ok) return proposed
  const { next, write } = proposed.value
  const row = { pid: next.pid, tokenHash: accessTokenHash(accessToken), sink, bytes: null, digest: null, doneAt: null }
  return { ok: true, value: { next, write: [...write, { put: 'reception', row }] } }
}

function misplaced(format: string): ReturnType<typeof bad> {
  return isPush(format)
    ? bad('request.malformed', 'a push needs a dataAddress or a sink: where the data shall go', 'dataAddress')
    : bad('request.malformed', `the data of a transfer in ${format} is not sent anywhere`, 'format')
}

/** A process before its first message: only ours, until the counter-party acknowledges it. */
function newProcess(
  { role, counterparty, peerAddress }: Pick<NegotiationRequest, 'role' | 'counterparty' | 'peerAddress'>,
  { now, fresh }: Scene,
) {
  return {
    pid: fresh.pid,
    role,
    peerPid: null,
    counterparty,
    peerAddress: peerAddress.replace(/\/+$/, ''),
    state: 'INITIAL',
    unacknowledged: null,
    ending: false,
    problem: null,
    openingDigest: null,
    createdAt: now,
    updatedAt: now,
    peerMovedAt: now,
  } as const
}
