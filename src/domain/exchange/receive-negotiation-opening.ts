// What becomes of a message that opens a contract negotiation: a consumer asks us, or a provider offers unasked.

import { problem } from '../../kernel/problem.ts'
import type { ContractOfferMessage, ContractRequestMessage } from '../../protocol/dsp/messages.ts'
import { rulesDigest } from '../../protocol/odrl/same-rules.ts'
import type { MessageOffer } from '../../protocol/odrl/types.ts'
import type { Write } from '../ledger.ts'
import { compilePolicy } from '../policy/compile.ts'
import type { NegotiationAutomation } from './automation.ts'
import { knownPids } from './compose.ts'
import { entry, malformed, remember, REPLAYED, traceOf, usedToken, type Decided, type Inbound } from './inbound.ts'
import { judgeRequest, type Judgement, type Offered } from './judge-request.ts'
import { negotiationMoveOf, type Negotiation } from './negotiation.ts'
import { keepOffer } from './offers-made.ts'
import { reactNegotiation } from './react-negotiation.ts'
import type { Scene } from './scene.ts'

/** What is read for a message that opens one. */
export interface OpeningRows {
  readonly replayed: boolean
  readonly existing: Negotiation | null
  /** Whether the existing one was accepted when it was opened; a refusal is remembered too. */
  readonly accepted: boolean
  readonly openProcesses: number
  /** Null where the offer is the provider's own (ContractOfferMessage). */
  readonly offered: Offered | null
}

/** A ContractRequestMessage or ContractOfferMessage that opens a negotiation. Keyed by the counter-party and its pid. */
export function openNegotiation(
  inbound: Inbound<ContractRequestMessage | ContractOfferMessage>,
  rows: OpeningRows,
  automation: NegotiationAutomation,
  processesMax: number,
  scene: Scene,
): Decided {
  if (rows.replayed) return REPLAYED
  const { existing } = rows
  if (existing !== null) return repeatedOpening(inbound, existing, rows.accepted)
  if (rows.openProcesses >= processesMax) {
    const sentence = `${String(processesMax)} processes with this participant are open; finish or end some first`
    return malformed(inbound, problem('busy.limit', sentence))
  }

  const { message, sender } = inbound
  const { now, fresh } = scene
  const move = negotiationMoveOf(message)
  const asConsumer = message['@type'] === 'ContractOfferMessage'
  const judged = asConsumer
    ? judgeOffer(message.offer, automation)
    : judgeRequest(message.offer, rows.offered, automation)

  const opened: Negotiation = {
    pid: fresh.pid,
    role: asConsumer ? 'CONSUMER' : 'PROVIDER',
    peerPid: asConsumer ? message.providerPid : message.consumerPid,
    counterparty: sender,
    peerAddress: (message.callbackAddress ?? '').replace(/\/+$/, ''),
    // A request that we refuse is remembered as a negotiation that ended at once: it has pids to answer with, and a
    // repeat of it gets the same answer (decision 012).
    state: judged.refusal !== null ? 'TERMINATED' : asConsumer ? 'OFFERED' : 'REQUESTED',
    unacknowledged: null,
    ending: false,
    offer: message.offer,
    offeredBy: asConsumer ? 'PROVIDER' : 'CONSUMER',
    agreementId: null,
    automation: judged.automation ?? automation,
    problem: judged.refusal,
    openingDigest: inbound.openingDigest,
    createdAt: now,
    updatedAt: now,
    peerMovedAt: now,
  }
  const proof = { msgDigest: inbound.bodyDigest, policyDigest: rulesDigest(message.offer) }
  const about = { offerId: message.offer['@id'], datasetId: message.offer.target }
  const kept: Write[] = [
    ...usedToken(inbound),
    { put: 'negotiation', row: opened },
    keepOffer(opened, 0, now),
    remember(inbound, opened, judged.refusal, now),
  ]
  const decision =
    judged.trace === null
      ? []
      : [entry('decision', opened, scene.self, now, { policyDigest: proof.policyDigest, ext: judged.trace })]

  if (judged.refusal !== null) {
    const { code, message: sentence, path } = judged.record ?? judged.refusal
    const refused = entry('message.refused', opened, sender, now, {
      ...proof,
      ext: { move, ...about, code, message: sentence, path: path ?? null },
    })
    return {
      write: [...kept, ...decision, refused],
      result: { ok: false, problem: judged.refusal, pids: knownPids(opened) },
    }
  }
  const received = entry('message.received', opened, sender, now, {
    ...proof,
    ext: { move, state: opened.state, ...about },
  })
  return {
    write: [...kept, received, ...decision, ...reactNegotiation(opened, move, 1, rows.offered, scene)],
    result: { ok: true, created: true, pids: knownPids(opened), state: opened.state, pid: opened.pid },
  }
}

/** The same opening again gets the first answer; the same pid with another body is a mistake of the sender's. */
function repeatedOpening(inbound: Inbound<unknown>, existing: Negotiation, accepted: boolean): Decided {
  const pids = knownPids(existing)
  if (existing.openingDigest !== inbound.openingDigest) {
    return malformed(
      inbound,
      problem('message.repeat-differs', 'this pid opened a negotiation before, with another message'),
      pids,
    )
  }
  const refused = accepted ? null : existing.problem
  const state = existing.role === 'PROVIDER' ? 'REQUESTED' : 'OFFERED'
  return {
    write: usedToken(inbound),
    result:
      refused === null
        ? { ok: true, created: true, pids, state, pid: existing.pid }
        : { ok: false, problem: refused, pids },
  }
}

/** An offer that a provider sends unasked waits for a person, whatever is automatic otherwise; what we do not understand of it is on record. */
function judgeOffer(offer: MessageOffer, automation: NegotiationAutomation): Judgement {
  const compiled = compilePolicy(offer)
  const record = compiled.ok ? null : compiled.problem
  return {
    refusal: null,
    record,
    trace: record === null ? null : { verdict: 'not-understood', ...traceOf(record) },
    automation: { ...automation, onOffered: 'manual' },
  }
}
