// What a person may do with a process: each action by its name, and the move that it makes. Pure.

import { bad, type Result } from '../../kernel/problem.ts'
import type { MessageOffer } from '../../protocol/odrl/types.ts'
import type { Write } from '../ledger.ts'
import { compilePolicy } from '../policy/compile.ts'
import { draftAgreement } from './agreement.ts'
import { agreedWrites, type InForce } from './agreement-terms.ts'
import type { Negotiation, NegotiationMove } from './negotiation.ts'
import { carriesOffer, keepOffer } from './offers-made.ts'
import type { Scene } from './scene.ts'
import { startTransfer } from './start-transfer.ts'
import { NEGOTIATIONS, proposeMove, TRANSFERS, type Step } from './steps.ts'
import type { Transfer, TransferMove } from './transfer.ts'

// prettier-ignore
export const NEGOTIATION_ACTIONS = {
  offer:     'ContractOfferMessage',
  agree:     'ContractAgreementMessage',
  finalize:  'ContractNegotiationEventMessage:FINALIZED',
  accept:    'ContractNegotiationEventMessage:ACCEPTED',
  verify:    'ContractAgreementVerificationMessage',
  counter:   'ContractRequestMessage',
  terminate: 'ContractNegotiationTerminationMessage',
} as const satisfies Record<string, NegotiationMove>

// prettier-ignore
export const TRANSFER_ACTIONS = {
  start:     'TransferStartMessage',
  suspend:   'TransferSuspensionMessage',
  resume:    'TransferStartMessage',
  complete:  'TransferCompletionMessage',
  terminate: 'TransferTerminationMessage',
} as const satisfies Record<string, TransferMove>

export type NegotiationAction = keyof typeof NEGOTIATION_ACTIONS
export type TransferAction = keyof typeof TRANSFER_ACTIONS

/** What goes with an action: another offer (offer, counter), or words for the counter-party (terminate, suspend). */
export interface ActionDetails {
  readonly offer?: MessageOffer
  readonly code?: string
  readonly reason?: string
}

/** @param inForce as the provider, where an agreement may be written: our offers */
export function actOnNegotiation(
  negotiation: Negotiation,
  action: NegotiationAction,
  details: ActionDetails,
  offersMade: number,
  inForce: InForce | null,
  scene: Scene,
): Result<Step<Negotiation>> {
  const { offer, ...why } = details
  if (offer !== undefined && action !== 'offer' && action !== 'counter') {
    return bad('request.malformed', `${action} takes no offer`, 'offer')
  }
  if (offer !== undefined && offer.target !== negotiation.offer.target) {
    return bad('offer.differs', `expected an offer on ${negotiation.offer.target}`, 'offer.target')
  }
  const compiled = compilePolicy(offer ?? negotiation.offer, 'offer')
  if (!compiled.ok && action !== 'terminate')
    return bad('offer.not-understood', compiled.problem.message, compiled.problem.path)

  const agreed = action === 'agree' ? draftAgreement(negotiation, inForce, scene) : null
  const changes: Partial<Negotiation> = {
    ...(offer !== undefined && { offer }),
    ...((action === 'offer' || action === 'counter') && { offeredBy: negotiation.role }),
    ...(agreed !== null && { agreementId: agreed.id }),
  }
  const about = { ...why, changes, ...(agreed !== null && { agreement: agreed.agreement }) }
  const proposed = proposeMove(NEGOTIATIONS, negotiation, NEGOTIATION_ACTIONS[action], scene, about)
  if (!proposed.ok) return proposed
  const { next, write } = proposed.value
  const also: readonly Write[] = [
    ...(agreed === null ? [] : agreedWrites(agreed, scene)),
    ...(carriesOffer(NEGOTIATION_ACTIONS[action]) ? [keepOffer(next, offersMade, scene.now)] : []),
  ]
  return { ok: true, value: { next, write: [...write, ...also] } }
}

export function actOnTransfer(
  transfer: Transfer,
  action: TransferAction,
  { code, reason }: ActionDetails,
  scene: Scene,
): Result<Step<Transfer>> {
  if (action === 'resume' && transfer.state !== 'SUSPENDED') {
    return bad('move.illegal', `only a SUSPENDED transfer process can be resumed; this one is ${transfer.state}`)
  }
  if (action === 'start' || action === 'resume') return startTransfer(transfer, scene)
  const why = { ...(code !== undefined && { code }), ...(reason !== undefined && { reason }) }
  return proposeMove(TRANSFERS, transfer, TRANSFER_ACTIONS[action], scene, why)
}
