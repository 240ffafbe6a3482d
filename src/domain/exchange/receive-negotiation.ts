// What becomes of a message to a contract negotiation that exists: from the rows to the writes and the answer.

import { problem, type Problem } from '../../kernel/problem.ts'
import type {
  ContractAgreementMessage,
  ContractOfferMessage,
  ContractRequestMessage,
  NegotiationMessage,
} from '../../protocol/dsp/messages.ts'
import { sameRules } from '../../protocol/odrl/same-rules.ts'
import type { AgreementRow, InboxRow, Write } from '../ledger.ts'
import { compilePolicy } from '../policy/compile.ts'
import { acceptAgreement, negotiationMoved } from './agreement.ts'
import type { InForce } from './agreement-terms.ts'
import { acceptedWrites, refusal } from './answer.ts'
import type { NegotiationAutomation } from './automation.ts'
import { knownPids } from './compose.ts'
import { bindPids, repeated, REPLAYED, UNKNOWN_PROCESS, wordsOf, type Decided, type Inbound } from './inbound.ts'
import { receive } from './machine.ts'
import { NEGOTIATION, negotiationMoveOf, type Negotiation } from './negotiation.ts'
import { carriesOffer, keepOffer } from './offers-made.ts'
import { reactNegotiation } from './react-negotiation.ts'
import type { Scene } from './scene.ts'
import { NEGOTIATIONS } from './steps.ts'

/** What is read for a message to a negotiation that exists. */
export interface NegotiationRows {
  readonly replayed: boolean
  readonly negotiation: Negotiation | null
  readonly answered: InboxRow | null
  readonly last: InboxRow | null
  /** Whether the counter-party's pid that the message names is that of another process. */
  readonly isPidTaken: boolean
  /** The agreement of this negotiation, if it has one. */
  readonly agreement: AgreementRow | null
  /** Whatever agreement already has the id of the one in the message. */
  readonly taken: AgreementRow | null
  /** How many offers have been made in it so far. */
  readonly offers: number
  /** As the provider: our offers, and the dataset that it is about. */
  readonly inForce: InForce | null
}

/** A message to a negotiation that exists: moved, refused, repeated, or not theirs. */
export function receiveNegotiation(inbound: Inbound<NegotiationMessage>, rows: NegotiationRows, scene: Scene): Decided {
  if (rows.replayed) return REPLAYED
  const found = rows.negotiation
  if (found === null || found.counterparty !== inbound.sender) return UNKNOWN_PROCESS

  const repeat = repeated(inbound, found, rows.answered, rows.last)
  if (repeat !== null) return repeat

  const move = negotiationMoveOf(inbound.message)
  const bound = bindPids(found, inbound.message, rows.isPidTaken)
  if (!bound.ok) return refusal(inbound, found, move, bound.problem, scene)
  const negotiation = bound.process

  const step = receive(NEGOTIATION, negotiation, move)
  if (!step.ok) return refusal(inbound, negotiation, move, step.problem, scene)

  const content = readContent(inbound.message, negotiation, rows.taken, scene)
  if (!content.ok) return refusal(inbound, negotiation, move, content.problem, scene)

  const { now } = scene
  const next: Negotiation = {
    ...negotiation,
    ...content.changes,
    state: step.state,
    unacknowledged: step.unacknowledged,
    ending: false,
    updatedAt: now,
    peerMovedAt: now,
  }
  const hadOutgoing = negotiation.unacknowledged !== null
  const moved = { move, from: negotiation.state, settled: step.settled, hadOutgoing }
  const write: readonly Write[] = [
    ...acceptedWrites(NEGOTIATIONS, inbound, next, moved, scene),
    ...(content.agreement === null ? [] : [{ put: 'agreement', row: content.agreement } as const]),
    ...negotiationMoved(negotiation, step.settled, next, content.agreement ?? rows.agreement, scene),
    ...(carriesOffer(move) ? [keepOffer(next, rows.offers, now)] : []),
    ...reactNegotiation(next, move, rows.offers + (carriesOffer(move) ? 1 : 0), rows.inForce, scene),
  ]
  return { write, result: { ok: true, created: false, pids: knownPids(next), state: next.state, pid: next.pid } }
}

type Content =
  | { readonly ok: true; readonly changes: Partial<Negotiation>; readonly agreement: AgreementRow | null }
  | { readonly ok: false; readonly problem: Problem }

/** What the message says beside its move, checked against what was said before. */
function readContent(
  message: NegotiationMessage,
  negotiation: Negotiation,
  taken: AgreementRow | null,
  scene: Scene,
): Content {
  switch (message['@type']) {
    case 'ContractRequestMessage':
    case 'ContractOfferMessage':
      return readCounter(message, negotiation)
    case 'ContractAgreementMessage':
      return readAgreementMessage(message, negotiation, taken, scene)
    case 'ContractNegotiationTerminationMessage':
      return { ok: true, changes: { problem: problem('process.ended', wordsOf(message)) }, agreement: null }
    default:
      return { ok: true, changes: {}, agreement: null }
  }
}

function readCounter(
  { offer, '@type': type }: ContractRequestMessage | ContractOfferMessage,
  negotiation: Negotiation,
): Content {
  if (offer.target !== negotiation.offer.target) {
    return {
      ok: false,
      problem: problem('offer.differs', `expected an offer on ${negotiation.offer.target}`, 'offer.target'),
    }
  }
  const compiled = compilePolicy(offer, 'offer')
  // As a provider we refuse what we do not understand; as a consumer we keep it for a person.
  if (!compiled.ok && type === 'ContractRequestMessage') return { ok: false, problem: compiled.problem }
  // Rules that are not those of our own last offer are the consumer's: a person decides, as with its first request.
  const isOurs = type === 'ContractRequestMessage' && sameRules(offer, negotiation.offer)
  const automation: NegotiationAutomation = {
    ...negotiation.automation,
    ...(!compiled.ok && { onOffered: 'manual' }),
    ...(type === 'ContractRequestMessage' && !isOurs && { onCounterRequested: 'manual' }),
  }
  return {
    ok: true,
    changes: {
      offer,
      offeredBy: type === 'ContractOfferMessage' ? 'PROVIDER' : 'CONSUMER',
      automation,
      ...(!compiled.ok && { problem: compiled.problem }),
    },
    agreement: null,
  }
}

function readAgreementMessage(
  { agreement }: ContractAgreementMessage,
  negotiation: Negotiation,
  taken: AgreementRow | null,
  scene: Scene,
): Content {
  const accepted = acceptAgreement(negotiation, agreement, taken, scene)
  if (!accepted.ok) return accepted
  return { ok: true, changes: { agreementId: accepted.value.id }, agreement: accepted.value }
}
