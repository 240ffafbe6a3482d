// The consumer's first steps: a contract negotiation and a transfer process that we open. Pure.

import { bad, type Result } from '../../kernel/problem.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import type { MessageOffer } from '../../protocol/odrl/types.ts'
import { compilePolicy } from '../policy/compile.ts'
import type { AgreementRow } from '../ledger.ts'
import type { NegotiationAutomation, TransferAutomation } from './automation.ts'
import type { Negotiation } from './negotiation.ts'
import type { Scene } from './scene.ts'
import { NEGOTIATIONS, proposeMove, TRANSFERS, type Step } from './steps.ts'
import type { Transfer } from './transfer.ts'

export interface NegotiationRequest {
  readonly counterparty: ParticipantId
  /** The provider's DSP base. */
  readonly peerAddress: string
  readonly offer: MessageOffer
  readonly automation: NegotiationAutomation
}

/**
 * A ContractRequestMessage to a provider. Refuses (`offer.not-understood`) an offer with a rule that we cannot keep:
 * nobody should be bound to what their connector does not understand.
 */
export function requestNegotiation(
  { counterparty, peerAddress, offer, automation }: NegotiationRequest,
  scene: Scene,
): Result<Step<Negotiation>> {
  const compiled = compilePolicy(offer, 'offer')
  if (!compiled.ok) return bad('offer.not-understood', compiled.problem.message, compiled.problem.path)

  const { now, fresh } = scene
  const opened: Negotiation = {
    pid: fresh.pid,
    role: 'CONSUMER',
    peerPid: null,
    counterparty,
    peerAddress: peerAddress.replace(/\/+$/, ''),
    state: 'INITIAL',
    unacknowledged: null,
    ending: false,
    offer,
    offeredBy: 'CONSUMER',
    agreementId: null,
    automation,
    problem: null,
    openingDigest: null,
    createdAt: now,
    updatedAt: now,
    peerMovedAt: now,
  }
  return proposeMove(NEGOTIATIONS, opened, 'ContractRequestMessage:initial', scene)
}

export interface TransferRequest {
  readonly agreement: AgreementRow
  readonly peerAddress: string
  readonly format: string
  readonly automation: TransferAutomation
}

/** A TransferRequestMessage under an agreement that is ours to use: we are its assignee, it is FINALIZED and not ended. */
export function requestTransfer(
  { agreement, peerAddress, format, automation }: TransferRequest,
  scene: Scene,
): Result<Step<Transfer>> {
  if (agreement.role !== 'CONSUMER')
    return bad('agreement.unknown', 'we are the provider of this agreement, not its consumer')
  if (agreement.finalizedAt === null) return bad('agreement.not-final', 'this agreement is not FINALIZED yet')
  if (agreement.endedAt !== null) return bad('agreement.ended', 'this agreement was ended')

  const { now, fresh } = scene
  const opened: Transfer = {
    pid: fresh.pid,
    role: 'CONSUMER',
    peerPid: null,
    counterparty: agreement.counterparty,
    peerAddress: peerAddress.replace(/\/+$/, ''),
    state: 'INITIAL',
    unacknowledged: null,
    ending: false,
    agreementId: agreement.id,
    datasetId: agreement.datasetId,
    format,
    dataAddress: null,
    automation,
    problem: null,
    openingDigest: null,
    createdAt: now,
    updatedAt: now,
    peerMovedAt: now,
  }
  return proposeMove(TRANSFERS, opened, 'TransferRequestMessage', scene)
}
