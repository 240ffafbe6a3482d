// What people do in the simulated dataspace: a list drawn from the seed, each deed a few numbers, so that a run can be told,
// shortened and run again.

import {
  NEGOTIATION_ACTIONS,
  TRANSFER_ACTIONS,
  type NegotiationAction,
  type TransferAction,
} from '../../src/domain/exchange/act.ts'
import { orThrow, ProblemError } from '../../src/kernel/problem.ts'
import { compileConstraints, compilePolicy } from '../../src/domain/policy/compile.ts'
import type { OfferDefinition } from '../../src/domain/policy/offer-definition.ts'
import type { DatasetId, OfferId } from '../../src/protocol/ids.ts'
import { rulesDigest } from '../../src/protocol/odrl/same-rules.ts'
import type { Constraint, MessageOffer, Rules } from '../../src/protocol/odrl/types.ts'
import type { Connector } from './connector.ts'
import type { Random } from './random.ts'

// prettier-ignore
const WEIGHTS = {
  request:   8, // a consumer requests an offer
  propose:   1, // a provider offers unasked
  negotiate: 6, // somebody makes a step in a negotiation by hand
  transfer:  6, // a consumer requests a transfer
  fetch:     8, // a consumer fetches data, with any token that it was ever given
  move:      6, // somebody makes a step in a transfer by hand
  cross:     4, // both sides of one process make a step by hand at the same moment
  end:       1, // somebody ends an agreement
  edit:      1, // an administrator edits the policy files
  publish:   1, // an administrator publishes a dataset, or removes one
} as const

export type Kind = keyof typeof WEIGHTS

export interface Deed {
  readonly atMs: number
  readonly kind: Kind
  /** Numbers to choose with: who, with whom or which one, and what. */
  readonly who: number
  readonly which: number
  readonly what: number
}

const CHOICES = 1_000_000

export function drawDeeds(random: Random, count: number, withinMs: number): readonly Deed[] {
  return Array.from({ length: count }, () => ({
    atMs: random.int(withinMs),
    kind: random.weighted(WEIGHTS),
    who: random.int(CHOICES),
    which: random.int(CHOICES),
    what: random.int(CHOICES),
  })).sort((a, b) => a.atMs - b.atMs)
}

const DATASETS = 3

export function datasetId(provider: string, number: number): DatasetId {
  return `urn:dataset:${provider}:${String(number % DATASETS)}` as DatasetId
}

const count = (most: string): Constraint => ({ leftOperand: 'count', operator: 'lteq', rightOperand: most })
const spatial = (...codes: string[]): Constraint => ({
  leftOperand: 'spatial',
  operator: 'isAnyOf',
  rightOperand: codes,
})

const RULES: readonly Rules[] = [
  { permission: [{ action: 'use' }] },
  { permission: [{ action: 'use', constraint: [count('2')] }] },
  { permission: [{ action: 'use', constraint: [spatial('CN', 'VN'), count('5')] }] },
  { permission: [{ action: 'use' }], prohibition: [{ action: 'distribute' }] },
  {
    permission: [
      { action: 'use', constraint: [{ leftOperand: 'elapsedTime', operator: 'lteq', rightOperand: 'PT10M' }] },
    ],
  },
]
const ACCESS: readonly (readonly Constraint[])[] = [[], [spatial('CN')], [spatial('CN', 'VN', 'SG')]]

/** The offers that the policy files of a connector give: one a dataset, and another each time that they are edited. */
export function offersOf(provider: string, edition: number): readonly OfferDefinition[] {
  return Array.from({ length: DATASETS }, (_, number) => {
    const rules = RULES[(edition + number) % RULES.length] ?? {}
    return {
      id: `urn:offer:${provider}:${String(number)}` as OfferId,
      title: { en: 'Data' },
      datasets: [{ kind: 'id', id: datasetId(provider, number) }],
      access: orThrow(compileConstraints(ACCESS[(edition >> 3) % ACCESS.length] ?? [])),
      rules,
      policy: orThrow(compilePolicy(rules)),
      digest: rulesDigest(rules),
      file: 'offers/data.yaml',
      automation: {},
    }
  })
}

/** Does it. Rejects with a ProblemError where the connector refuses, or is down. */
export async function perform(
  deed: Deed,
  doer: Connector,
  others: readonly Connector[],
  fetchData: (from: Connector, which: number) => Promise<unknown>,
): Promise<unknown> {
  const { kind, which, what } = deed
  const other = at(others, which)
  const { reader } = doer
  switch (kind) {
    case 'request':
      return doer.act().openNegotiation(asking('CONSUMER', other, messageOffer(other, what)), 'user')
    case 'propose':
      return doer.act().openNegotiation(asking('PROVIDER', other, messageOffer(doer, what)), 'user')
    case 'negotiate': {
      const negotiations = reader.list('negotiation', ALL)
      if (negotiations.length === 0) return null
      const found = at(negotiations, which)
      const action = at(NEGOTIATIONS, what)
      const rules = at(RULES, which)
      const isOffer = action === 'offer' || action === 'counter'
      const details = isOffer ? { offer: { ...unruled(found.offer), ...rules } } : {}
      return doer.act().onNegotiation(found.pid, action, details, 'user')
    }
    case 'transfer': {
      const usable = reader.list('agreement', ALL).filter(({ role, finalizedAt }) => role === 'CONSUMER' && finalizedAt)
      if (usable.length === 0) return null
      const agreement = at(usable, which)
      return doer.act().openTransfer({ agreementId: agreement.id, format: 'HttpData-PULL' }, 'user')
    }
    case 'fetch':
      return fetchData(doer, which)
    case 'move': {
      const transfers = reader.list('transfer', ALL)
      if (transfers.length === 0) return null
      const found = at(transfers, which)
      return doer.act().onTransfer(found.pid, at(TRANSFERS, what), {}, 'user')
    }
    case 'cross': {
      const running = [
        ...reader.list('negotiation', ALL).filter(({ state }) => state !== 'FINALIZED' && state !== 'TERMINATED'),
        ...reader.list('transfer', ALL).filter(({ state }) => state === 'STARTED' || state === 'SUSPENDED'),
      ]
      if (running.length === 0) return null
      const { pid, peerPid, counterparty } = at(running, which)
      const other = others.find(({ self }) => self === counterparty)
      const steps = [
        step(doer, pid, what),
        ...(other === undefined || peerPid === null ? [] : [step(other, peerPid, what >> 4)]),
      ]
      return first(await Promise.allSettled(steps))
    }
    case 'end': {
      const agreements = reader.list('agreement', ALL)
      if (agreements.length === 0) return null
      const agreement = at(agreements, which)
      return doer.act().endAgreement(agreement.id, 'no longer wanted', 'user')
    }
    case 'edit':
      doer.edit(offersOf(doer.name, what))
      return null
    case 'publish': {
      const id = datasetId(doer.name, which)
      if (reader.get('dataset', id) !== null) return doer.administer().removeDataset(id, 'user')
      return doer.administer().addDatasets([datasetOf(id)], 'user')
    }
  }
}

export function datasetOf(id: DatasetId) {
  return { id, properties: { title: 'Data' }, formats: ['HttpData-PULL'], source: null }
}

const ALL = { after: null, limit: 100_000 }
const NEGOTIATIONS = Object.keys(NEGOTIATION_ACTIONS) as NegotiationAction[]
const TRANSFERS = Object.keys(TRANSFER_ACTIONS) as TransferAction[]

function asking(role: 'CONSUMER' | 'PROVIDER', { self, base }: Connector, offer: MessageOffer) {
  return { role, counterparty: self, peerAddress: base, offer }
}

/** An offer as its provider's catalogue shows it now, or now and then with other rules. */
function messageOffer(provider: Connector, what: number): MessageOffer {
  const offer = at(provider.offers(), what)
  const rules = what % 7 === 0 ? at(RULES, what) : offer.rules
  return {
    '@id': offer.id,
    '@type': 'Offer',
    target: datasetId(provider.name, what % provider.offers().length),
    ...rules,
  }
}

function unruled(offer: MessageOffer): MessageOffer {
  const { permission: _p, prohibition: _n, obligation: _o, ...rest } = offer
  return rest
}

function at<T>(list: readonly T[], number: number): T {
  return list[number % Math.max(1, list.length)] as T
}

/** One step of a process by hand, whatever kind it is; null where that side does not know it. */
async function step(doer: Connector, pid: string, what: number): Promise<unknown> {
  if (doer.reader.get('transfer', pid) !== null) return doer.act().onTransfer(pid, at(TRANSFERS, what), {}, 'user')
  if (doer.reader.get('negotiation', pid) !== null)
    return doer.act().onNegotiation(pid, at(NEGOTIATIONS, what), {}, 'user')
  return null
}

/** Rejects as the first of them that did, a defect before a refusal. */
function first(settled: readonly PromiseSettledResult<unknown>[]): null {
  const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  const worst = reasons.find((reason) => !(reason instanceof ProblemError)) ?? reasons[0]
  if (worst !== undefined) throw worst instanceof Error ? worst : new Error('a step failed without an error')
  return null
}
