// What is owed under an agreement, from when, until when, and what becomes of it (ODRL IM 2.2, 2.6.4 to 2.6.7). Pure.

import { bad, good, type Result } from '../../kernel/problem.ts'
import type { Instant } from '../../kernel/time.ts'
import type { AgreementId } from '../../protocol/ids.ts'
import type { CompiledConstraint, CompiledDuty, CompiledPolicy } from '../policy/compiled.ts'
import { isReference } from '../policy/compiled.ts'
import type { DutyReason } from '../policy/decision.ts'
import type { DutyProgress } from '../policy/duties.ts'
import { boundOf } from '../policy/observe.ts'
import type { ObligationRow, Proof } from './rows.ts'

/** Every duty in the policy, consequences and remedies included, by its place. */
function dutiesIn({ permissions, prohibitions, obligations }: CompiledPolicy): ReadonlyMap<string, CompiledDuty> {
  const duties = [
    ...permissions.flatMap((rule) => rule.duties),
    ...prohibitions.flatMap((rule) => rule.remedies),
    ...obligations,
  ]
  return new Map([...duties, ...duties.flatMap(({ consequences }) => consequences)].map((duty) => [duty.path, duty]))
}

/** The rows of what a decision leaves owed and that is not on record yet. Duties of the site's rules are not the agreement's. */
export function newObligations(
  {
    policy,
    agreementId,
    agreedAt,
  }: { readonly policy: CompiledPolicy; readonly agreementId: AgreementId; readonly agreedAt: Instant | null },
  owed: readonly DutyReason[],
  existing: readonly ObligationRow[],
  now: Instant,
): readonly ObligationRow[] {
  const duties = dutiesIn(policy)
  const known = new Set(existing.flatMap(({ path, uid }) => (uid === null ? [path] : [path, uid])))
  return owed.flatMap(({ path, state }) => {
    const duty = duties.get(path)
    const isKnown = known.has(path) || (duty !== undefined && duty.id !== null && known.has(duty.id))
    return duty === undefined || state !== 'owed' || isKnown ? [] : [rowOf(duty, agreementId, agreedAt, now)]
  })
}

/** When a duty must have been fulfilled by its own constraints: the earliest bound of `elapsedTime` or `dateTime`; null: none. */
function dueAt({ constraints }: CompiledDuty, agreedAt: Instant | null): Instant | null {
  const bounds = constraints.flatMap((constraint) => boundIn(constraint, agreedAt))
  return bounds.length === 0 ? null : (Math.min(...bounds) as Instant)
}

/** How far the duties are, by their places and uids. */
export function progressOf(obligations: readonly ObligationRow[]): Readonly<Record<string, DutyProgress>> {
  return Object.fromEntries(
    obligations.flatMap(({ path, uid, state }) => {
      const progress: DutyProgress = state === 'active' ? 'nonset' : state
      return uid === null
        ? [[path, progress]]
        : [
            [path, progress],
            [uid, progress],
          ]
    }),
  )
}

/**
 * A duty is shown to be fulfilled: in time, or late if it had been violated. Refuses (`resource.unknown`) what the policy does not
 * have, and (`move.illegal`) what was fulfilled before.
 *
 * @param name the place of the duty in the policy, or its uid
 */
export function fulfil(
  {
    policy,
    agreementId,
    agreedAt,
  }: { readonly policy: CompiledPolicy; readonly agreementId: AgreementId; readonly agreedAt: Instant | null },
  name: string,
  existing: readonly ObligationRow[],
  proof: Proof | null,
  now: Instant,
): Result<ObligationRow> {
  const duty = [...dutiesIn(policy).values()].find(({ path, id }) => path === name || id === name)
  if (duty === undefined) return bad('resource.unknown', `the agreement has no duty ${JSON.stringify(name)}`, 'duty')
  const row = existing.find(({ path }) => path === duty.path) ?? rowOf(duty, agreementId, agreedAt, now)
  if (row.state === 'fulfilled' || row.state === 'late')
    return bad('move.illegal', `this duty is ${row.state} since ${new Date(row.at).toISOString()}`)
  const isLate = row.state === 'violated' || (row.dueAt !== null && now > row.dueAt)
  return good({ ...row, state: isLate ? 'late' : 'fulfilled', at: now, proof })
}

/** A deadline has passed: the duty is violated, and its consequences are owed. */
export function violate(
  row: ObligationRow,
  policy: CompiledPolicy | null,
  agreedAt: Instant | null,
  existing: readonly ObligationRow[],
  now: Instant,
): readonly ObligationRow[] {
  const consequences = policy === null ? [] : (dutiesIn(policy).get(row.path)?.consequences ?? [])
  const known = new Set(existing.map(({ path }) => path))
  const owed = consequences.filter(({ path }) => !known.has(path))
  return [{ ...row, state: 'violated', at: now }, ...owed.map((duty) => rowOf(duty, row.agreementId, agreedAt, now))]
}

function rowOf(duty: CompiledDuty, agreementId: AgreementId, agreedAt: Instant | null, now: Instant): ObligationRow {
  const { path, id: uid, action } = duty
  return { agreementId, path, uid, action, state: 'active', dueAt: dueAt(duty, agreedAt), at: now, proof: null }
}

function boundIn(constraint: CompiledConstraint, agreedAt: Instant | null): readonly number[] {
  if (constraint.kind === 'logical')
    return constraint.operator === 'and' ? constraint.of.flatMap((each) => boundIn(each, agreedAt)) : []
  if (constraint.kind !== 'ordered' || isReference(constraint.right)) return []
  const isDeadline = constraint.operator === 'lt' || constraint.operator === 'lteq' || constraint.operator === 'eq'
  const isTime = constraint.left === 'elapsedTime' || constraint.left === 'dateTime'
  const bound = isTime && isDeadline ? boundOf(constraint, constraint.right, agreedAt) : null
  return bound === null ? [] : [bound]
}
