// Whether a use under an agreement is permitted now: the agreement stands, and its policy and the rules of the site permit.

import type { Json } from '../../kernel/canonical-json.ts'
import { problem, type Problem } from '../../kernel/problem.ts'
import type { Instant } from '../../kernel/time.ts'
import type { Transfer } from '../exchange/transfer.ts'
import type { AgreementRow, ObligationRow } from '../ledger.ts'
import { newObligations } from '../obligation/obligations.ts'
import { nextExpiry } from '../obligation/record.ts'
import { compilePolicy } from '../policy/compile.ts'
import { isPermitted } from '../policy/decision.ts'
import { amountLeftOfUse, asksForRecords, decideUse, nextChangeOfUse } from '../policy/decide.ts'
import { reasonOf } from '../policy/explain.ts'
import type { Phase } from '../policy/facts.ts'
import { snapshotOf } from '../policy/snapshot.ts'
import { factsUnder, type FactRows, type UseFacts } from './facts.ts'

/** What is read for a stream that runs. */
export interface StreamRows extends FactRows {
  readonly transfer: Transfer | null
  readonly agreement: AgreementRow | null
  /** Whether we still talk to the counter-party at all: a data token would outlive that. */
  readonly isAdmitted: boolean
}

export interface DecisionTrace {
  readonly [key: string]: Json
  readonly verdict: string
  readonly reason: string | null
  readonly path: string | null
  readonly used: number
}

export function judge(
  rows: StreamRows,
  agreement: AgreementRow,
  use: UseFacts,
  phase: Phase,
  now: Instant,
): {
  readonly problem: Problem | null
  readonly checkAt: Instant | null
  readonly bytesLeft: number | null
  readonly recordsLeft: number | null
  /** Whether the records of this use have to be counted. */
  readonly countsRecords: boolean
  /** What is owed from this use on, and is not on record yet. */
  readonly owed: readonly ObligationRow[]
  /** With the facts that were compared, so that the decision can be made again. */
  readonly trace: DecisionTrace
} {
  const { used, isAdmitted, regime, dataset } = rows
  const nothing = { checkAt: null, bytesLeft: null, recordsLeft: null, countsRecords: false, owed: [] }
  const never = { ...nothing, trace: { verdict: 'deny', reason: null, path: null, used } }
  if (!isAdmitted) {
    const sentence = 'this participant is not admitted here any more'
    return { problem: problem('participant.not-admitted', sentence), ...never }
  }
  if (agreement.endedAt !== null) {
    return { problem: problem('agreement.ended', 'this agreement was ended'), ...never }
  }
  const compiled = compilePolicy(agreement.agreement)
  if (!compiled.ok) return { problem: compiled.problem, ...never }

  const policy = compiled.value
  const format = rows.transfer?.format
  const facts = factsUnder(agreement, rows, format === undefined ? use : { ...use, format }, now)
  const question = { policy, regime, dataset, facts, phase }
  const decision = decideUse(question)
  const reason = reasonOf(decision)
  const trace = {
    ...{ verdict: decision.verdict, action: decision.action, used },
    ...{ reason: reason?.message ?? null, path: reason?.path ?? null, facts: snapshotOf(facts) },
  }
  if (!isPermitted(decision)) {
    const sentence = reason?.message ?? 'the agreement permits nothing here'
    return { problem: problem('policy.denied', sentence, reason?.path), ...never, trace }
  }
  const { agreedAt } = facts
  const checkAt = sooner(nextChangeOfUse(question), nextExpiry(rows.records ?? [], now))
  const owed = newObligations(
    { policy, agreementId: agreement.id, agreedAt },
    decision.duties,
    rows.obligations ?? [],
    now,
  )
  const countsRecords = asksForRecords(question)
  const [bytesLeft, recordsLeft] = [
    amountLeftOfUse(question, 'tds:dataSize'),
    amountLeftOfUse(question, 'tds:recordCount'),
  ]
  return { problem: null, checkAt, bytesLeft, recordsLeft, countsRecords, owed, trace }
}

function sooner(one: Instant | null, other: Instant | null): Instant | null {
  if (one === null || other === null) return one ?? other
  return one < other ? one : other
}
