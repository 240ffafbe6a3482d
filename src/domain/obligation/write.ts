// The writes that leave a trace of records and obligations: the row and its evidence, always together.

import type { Json } from '../../kernel/canonical-json.ts'
import type { Instant } from '../../kernel/time.ts'
import type { AgreementRecordRow, AgreementRow, ObligationRow, Write } from '../ledger.ts'

const TYPES = {
  active: 'obligation.owed',
  fulfilled: 'obligation.fulfilled',
  late: 'obligation.fulfilled',
  violated: 'obligation.violated',
} as const

/** @param actor us for what happens of its own accord, else the management token */
export function putObligation(row: ObligationRow, agreement: AgreementRow, actor: string): readonly Write[] {
  const { path, action, state, dueAt, proof, at } = row
  const ext = {
    ...{ duty: path, action, state, dueAt: dueAt === null ? null : new Date(dueAt).toISOString() },
    ...(proof !== null && { proof: { ...proof } }),
  }
  return [{ put: 'obligation', row }, entryOf(TYPES[state], agreement, actor, at, ext)]
}

export function putRecord(
  row: AgreementRecordRow,
  agreement: AgreementRow,
  told: AgreementRecordRow['value'],
): readonly Write[] {
  const { name, value, validUntil, reference, by, at } = row
  const texts = (list: AgreementRecordRow['value']): Json => (typeof list === 'string' ? list : [...list])
  const until = validUntil === null ? {} : { validUntil: new Date(validUntil).toISOString() }
  const ext = { name, told: texts(told), value: texts(value), ...until, ...(reference !== null && { reference }) }
  return [{ put: 'agreementRecord', row }, entryOf('fact.recorded', agreement, by, at, ext)]
}

export function removeRecord(
  row: AgreementRecordRow,
  agreement: AgreementRow,
  by: string,
  now: Instant,
): readonly Write[] {
  return [
    { remove: 'agreementRecord', key: [row.agreementId, row.name] },
    entryOf('fact.revoked', agreement, by, now, { name: row.name }),
  ]
}

function entryOf(
  type: 'fact.recorded' | 'fact.revoked' | (typeof TYPES)[keyof typeof TYPES],
  { id, policyDigest }: AgreementRow,
  actor: string,
  at: Instant,
  ext: { readonly [key: string]: Json },
): Write {
  return { append: 'evidence', entry: { type, at, actor, agreement: id, policyDigest, ext } }
}
