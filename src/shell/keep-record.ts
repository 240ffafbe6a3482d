// Facts and fulfilled duties are put on record under an agreement; each with its evidence in one transaction.

import { fulfil } from '../domain/obligation/obligations.ts'
import { merged, readRecorded, RECORD_LIMITS, type Recorded } from '../domain/obligation/record.ts'
import type { Proof } from '../domain/obligation/rows.ts'
import { putObligation, putRecord, removeRecord } from '../domain/obligation/write.ts'
import type { AgreementRecordRow, AgreementRow, ObligationRow, Store, Write } from '../domain/ledger.ts'
import { compilePolicy } from '../domain/policy/compile.ts'
import { bad, good, orThrow, type Result } from '../kernel/problem.ts'
import { instant, type Clock, type Instant } from '../kernel/time.ts'

export interface NewRecord extends Recorded {
  readonly validUntil: Instant | null
  readonly reference: string | null
}

/** All of them throw `resource.unknown` for an agreement that is not here. */
export interface KeepRecord {
  records(agreementId: string): readonly AgreementRecordRow[]
  /** A payment is added to those before it; anything else takes the place of what stood there. Refuses (`request.malformed`) what no policy asks the record for. */
  record(agreementId: string, told: NewRecord, by: string): Promise<AgreementRecordRow>
  /** Takes a fact off the record; streams that depend on it end within a second. */
  revoke(agreementId: string, name: string, by: string): Promise<void>
  obligations(agreementId: string): readonly ObligationRow[]
  /** @param duty its place in the agreement's policy, or its uid */
  fulfil(agreementId: string, duty: string, proof: Proof | null, by: string): Promise<ObligationRow>
}

export function createKeepRecord({ store, clock }: { readonly store: Store; readonly clock: Clock }): KeepRecord {
  const { reader } = store

  function known(id: string): AgreementRow {
    return orThrow(agreementOf(reader.get('agreement', id)))
  }

  async function change<T>(
    id: string,
    decide: (agreement: AgreementRow, now: Instant) => Result<{ readonly write: readonly Write[]; readonly result: T }>,
  ): Promise<T> {
    const now = clock()
    const outcome = await store.transact(
      (read) => read.get('agreement', id),
      (row) => {
        const agreement = agreementOf(row)
        const decided = agreement.ok ? decide(agreement.value, now) : agreement
        return decided.ok
          ? { write: decided.value.write, result: good(decided.value.result) }
          : { write: [], result: decided }
      },
    )
    return orThrow(outcome)
  }

  return {
    records: (id) => reader.recordsOf(known(id).id),
    obligations: (id) => reader.obligationsOf(known(id).id),

    record: (id, told, by) =>
      change(id, (agreement, now) => {
        const read = readRecorded(told)
        if (!read.ok) return read
        const { name } = read.value
        const records = reader.recordsOf(agreement.id)
        const before = records.find((each) => each.name === name) ?? null
        if (before === null && records.length >= RECORD_LIMITS.namesMax)
          return bad('busy.limit', `at most ${String(RECORD_LIMITS.namesMax)} facts are on record under one agreement`)
        const value = merged(before, name, read.value.value)
        const { validUntil, reference } = told
        const row = { agreementId: agreement.id, name, value, validUntil, reference, by, at: now }
        return good({ write: putRecord(row, agreement, read.value.value), result: row })
      }),

    revoke: (id, name, by) =>
      change(id, (agreement, now) => {
        const row = reader.recordsOf(agreement.id).find((each) => each.name === name)
        if (row === undefined) return bad('resource.unknown', `nothing is on record as ${JSON.stringify(name)}`, 'name')
        return good({ write: removeRecord(row, agreement, by, now), result: undefined })
      }),

    fulfil: (id, duty, proof, by) =>
      change(id, (agreement, now) => {
        const policy = compilePolicy(agreement.agreement)
        if (!policy.ok) return policy
        const agreedAt = instant(Date.parse(agreement.agreement.timestamp))
        const about = { policy: policy.value, agreementId: agreement.id, agreedAt }
        const row = fulfil(about, duty, reader.obligationsOf(agreement.id), proof, now)
        return row.ok ? good({ write: putObligation(row.value, agreement, by), result: row.value }) : row
      }),
  }
}

function agreementOf(row: AgreementRow | null): Result<AgreementRow> {
  return row === null ? bad('resource.unknown', 'no such agreement') : good(row)
}
