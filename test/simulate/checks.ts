// What must be true once the network is quiet, and what must be true always.

import { leafHash, NO_HASH } from '../../src/domain/evidence/entry.ts'
import { isTerminal } from '../../src/domain/exchange/machine.ts'
import { NEGOTIATION, type Negotiation } from '../../src/domain/exchange/negotiation.ts'
import { TRANSFER, type Transfer } from '../../src/domain/exchange/transfer.ts'
import type { AgreementRow } from '../../src/domain/ledger.ts'
import type { Constraint } from '../../src/protocol/odrl/types.ts'
import type { Connector } from './connector.ts'

// prettier-ignore
export const CHECKS = {
  'same-state':      'both sides of every process agree',
  'both-agree':      'no agreement is in force on one side only',
  'leak':            'nothing is delivered without a live agreement and transfer, or after our own decision to suspend or end',
  'order':           'one message of a process is under way, none overtakes our own answer, and one that comes early is taken',
  'counter':         'a counter never exceeds what its agreement allows',
  'evidence':        'the evidence is one chain, and has every accepted message once',
  'stuck':           'no process waits behind its deadline',
  'unsent':          'nothing is left in an outbox',
  'defect':          'nothing throws but refusals',
  'restless':        'the world comes to rest',
} as const

export type Check = keyof typeof CHECKS

export interface Violation {
  readonly check: Check
  readonly text: string
}

export interface Circumstances {
  readonly connectors: ReadonlyMap<string, Connector>
  /** How many deliveries were begun under each agreement, as the destinations saw it. */
  readonly deliveries: ReadonlyMap<string, number>
  /** Whether a peer has lied about a message of this process, so that its sides may stand apart. */
  readonly isLiedTo: (pid: string) => boolean
  /** Whether messages could not be delivered in time: then a side that stands apart has ended the process, and says so. */
  readonly isLate: boolean
  /** Whether every deadline has passed. */
  readonly isOver: boolean
}

type Process = Negotiation | Transfer

const ALL = { after: null, limit: 1_000_000 }

export function check(circumstances: Circumstances): readonly Violation[] {
  return [...circumstances.connectors.values()].flatMap((connector) => [
    ...statesOf(connector, circumstances),
    ...agreementsOf(connector, circumstances),
    ...countersOf(connector, circumstances),
    // The whole log is read, so once a world is enough.
    ...(circumstances.isOver ? evidenceOf(connector) : []),
    ...waitingIn(connector, circumstances),
  ])
}

function processesOf({ reader }: Connector): readonly Process[] {
  return [...reader.list('negotiation', ALL), ...reader.list('transfer', ALL)]
}

function isOver(process: Process): boolean {
  return 'offeredBy' in process ? isTerminal(NEGOTIATION, process.state) : isTerminal(TRANSFER, process.state)
}

function statesOf(connector: Connector, { connectors, isLiedTo, isLate }: Circumstances): readonly Violation[] {
  return processesOf(connector).flatMap((process): readonly Violation[] => {
    const { pid, peerPid, role, state, counterparty } = process
    const say = (text: string): Violation[] => [
      { check: 'same-state', text: `${connector.name} ${role} ${pid} is ${state}; ${text}` },
    ]
    if (isLiedTo(pid) || (peerPid !== null && isLiedTo(peerPid))) return []
    if (peerPid === null) return isOver(process) ? [] : say('it knows no pid of the other side')
    const other = peerOf(connectors, counterparty)
    const theirs =
      'offeredBy' in process ? other?.reader.get('negotiation', peerPid) : other?.reader.get('transfer', peerPid)
    if (theirs === undefined || theirs === null) return say(`${counterparty} has no ${peerPid}`)
    if (theirs.state === state) return []
    if (isLate && [process, theirs].some((side) => side.state === 'TERMINATED' && side.problem !== null)) return []
    return say(`${counterparty} is ${theirs.state} in ${peerPid}`)
  })
}

function agreementsOf(connector: Connector, { connectors, isLiedTo, isLate }: Circumstances): readonly Violation[] {
  return connector.reader.list('agreement', ALL).flatMap((agreement): readonly Violation[] => {
    if (agreement.finalizedAt === null || isLiedTo(agreement.negotiationPid)) return []
    const theirs = peerOf(connectors, agreement.counterparty)?.reader.get('agreement', agreement.id) ?? null
    if (theirs !== null && isLiedTo(theirs.negotiationPid)) return []
    if (theirs !== null && theirs.finalizedAt !== null) return sameText(connector, agreement, theirs)
    if (isLate) return []
    return [{ check: 'both-agree', text: `${agreement.id} is in force at ${connector.name} only` }]
  })
}

function sameText({ name }: Connector, ours: AgreementRow, theirs: AgreementRow): readonly Violation[] {
  return ours.policyDigest === theirs.policyDigest
    ? []
    : [{ check: 'both-agree', text: `${ours.id} has other rules at ${name} than at its counter-party` }]
}

function countersOf({ name, reader }: Connector, { deliveries }: Circumstances): readonly Violation[] {
  return reader.list('agreement', ALL).flatMap(({ id, role, agreement }): readonly Violation[] => {
    const most = agreement.permission?.[0]?.constraint?.flatMap(countIn)[0] ?? Infinity
    const used = reader.get('counter', id, 'use')?.used ?? 0
    const seen = role === 'PROVIDER' ? (deliveries.get(id) ?? 0) : 0
    const counted = reader.list('delivery', ALL).filter((row) => row.agreementId === id && row.counted).length
    const say = (text: string): Violation => ({ check: 'counter', text: `${name} ${id}: ${text} of ${String(most)}` })
    return [
      ...(used !== counted ? [say(`${String(used)} uses counted for ${String(counted)} deliveries`)] : []),
      ...(used > most ? [say(`${String(used)} uses counted`)] : []),
      ...(seen > most ? [say(`${String(seen)} deliveries begun`)] : []),
      ...(role === 'PROVIDER' && seen > used
        ? [say(`${String(seen)} deliveries begun, ${String(used)} counted,`)]
        : []),
    ]
  })
}

function countIn(constraint: Constraint): readonly number[] {
  return 'leftOperand' in constraint && constraint.leftOperand === 'count' ? [Number(constraint.rightOperand)] : []
}

function evidenceOf({ name, reader }: Connector): readonly Violation[] {
  const violations: Violation[] = []
  const say = (text: string): void => {
    violations.push({ check: 'evidence', text: `${name}: ${text}` })
  }
  const received = new Map<string, number>()
  const refused = new Set<string>()
  const heads = new Map<string, { aseq: number; hash: string }>()
  let prev = NO_HASH
  let next = 1
  for (const { seq, hash, envelope, agreement, aseq, type, pid } of reader.evidence(0, Infinity)) {
    const said = JSON.parse(envelope) as { seq: number; prev: string; aprev?: string; msgDigest?: string }
    if (seq !== next || said.seq !== seq || said.prev !== prev || leafHash(envelope) !== hash)
      say(`the chain breaks at ${String(seq)}`)
    if (agreement !== null) {
      const head = heads.get(agreement) ?? { aseq: 0, hash: NO_HASH }
      if (aseq !== head.aseq + 1 || said.aprev !== head.hash) say(`the chain of ${agreement} breaks at ${String(seq)}`)
      heads.set(agreement, { aseq: head.aseq + 1, hash })
    }
    if (type === 'message.received') {
      const message = `${String(pid)} ${String(said.msgDigest)}`
      received.set(message, (received.get(message) ?? 0) + 1)
    }
    if (type === 'message.refused') refused.add(`${String(pid)} ${String(said.msgDigest)}`)
    prev = hash
    next += 1
  }
  const accepted = reader.list('inbox', ALL).filter((row) => row.accepted)
  for (const { pid, bodyDigest } of accepted) {
    const times = received.get(`${pid} ${bodyDigest}`) ?? 0
    if (times !== 1) say(`the message ${bodyDigest} to ${pid} is on record ${String(times)} times`)
  }
  for (const row of reader.list('inbox', ALL)) {
    if (!row.accepted && !refused.has(`${row.pid} ${row.bodyDigest}`))
      say(`the refusal of ${row.bodyDigest} to ${row.pid} is not on record`)
  }
  if (received.size !== accepted.length)
    say(`${String(received.size)} messages are on record, and ${String(accepted.length)} were accepted`)
  return violations
}

function waitingIn(connector: Connector, { isOver: isPast }: Circumstances): readonly Violation[] {
  const { name, reader } = connector
  const unsent = reader.list('outbox', ALL).map(({ pid, move }): Violation => ({
    check: 'unsent',
    text: `${name} still has ${move} of ${pid} to send`,
  }))
  const stuck = processesOf(connector).flatMap((process): readonly Violation[] => {
    const { pid, state, unacknowledged } = process
    if (isOver(process)) return []
    if (unacknowledged !== null && reader.get('outbox', pid) === null)
      return [{ check: 'stuck', text: `${name}: ${pid} has ${unacknowledged} open, and nothing to send` }]
    if (!isPast || state === 'STARTED' || state === 'SUSPENDED') return []
    return [{ check: 'stuck', text: `${name}: ${pid} is still ${state}` }]
  })
  const open = reader.openDeliveries().map(({ id }): Violation => ({
    check: 'stuck',
    text: `${name}: the delivery ${id} is still open`,
  }))
  return [...unsent, ...stuck, ...open]
}

function peerOf(connectors: ReadonlyMap<string, Connector>, did: string): Connector | undefined {
  return connectors.get(did.slice('did:web:'.length, -'.example'.length))
}
