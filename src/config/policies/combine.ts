// Two sets of rules as one: both must hold (a template beside rules), or one adds to the other (inheritance).

import { canonicalJson, type Json } from '../../kernel/canonical-json.ts'
import { covers } from '../../protocol/odrl/actions.ts'
import type { Conflict, Constraint, Duty, Rule, Rules } from '../../protocol/odrl/types.ts'
import { canonicalAction } from '../../protocol/odrl/vocabulary.ts'

/** The rules, or why there are none. */
export type Combined = { readonly ok: true; readonly rules: Rules } | { readonly ok: false; readonly message: string }

/**
 * What the one and the other permit. Each permission of the one meets each of the other: for the narrower action, under all
 * constraints, with all duties. Prohibitions and obligations are those of both.
 */
export function bothHold(a: Rules, b: Rules): Combined {
  const conflict = oneConflict(a.conflict, b.conflict)
  if (conflict === null)
    return { ok: false, message: `one says conflict: ${String(a.conflict)}, the other ${String(b.conflict)}` }
  // Under `perm` the permissions of the one would override the prohibitions of the other, which says nothing of the kind.
  if (conflict === 'perm' && (overrides(a, b) || overrides(b, a))) {
    return { ok: false, message: 'with conflict: perm the one would override what the other prohibits' }
  }
  const [ofA = [], ofB = []] = [a.permission, b.permission]
  const met =
    ofA.length === 0 || ofB.length === 0
      ? [...ofA, ...ofB]
      : ofA.flatMap((one) => ofB.flatMap((other) => meet(one, other) ?? []))
  if (met.length === 0 && ofA.length > 0) {
    return { ok: false, message: 'no action is permitted by both, so that nothing would be permitted' }
  }
  return { ok: true, rules: joined(a, b, met, conflict) }
}

/** Everything of both (ODRL IM 2.2, 2.9). */
export function inherited(own: Rules, parent: Rules): Combined {
  const conflict = oneConflict(own.conflict, parent.conflict)
  if (conflict === null)
    return {
      ok: false,
      message: `it says conflict: ${String(own.conflict)}, what it inherits ${String(parent.conflict)}`,
    }
  return { ok: true, rules: joined(own, parent, [...(own.permission ?? []), ...(parent.permission ?? [])], conflict) }
}

function joined(a: Rules, b: Rules, permission: readonly Rule[], conflict: Conflict | undefined): Rules {
  const profile = [...new Set([a.profile ?? [], b.profile ?? []].flat())]
  const prohibition = [...(a.prohibition ?? []), ...(b.prohibition ?? [])]
  const obligation = [...(a.obligation ?? []), ...(b.obligation ?? [])]
  return {
    ...(profile.length > 0 && { profile }),
    ...(conflict !== undefined && { conflict }),
    ...(permission.length > 0 && { permission }),
    ...(prohibition.length > 0 && { prohibition }),
    ...(obligation.length > 0 && { obligation }),
  }
}

/** Null where they contradict each other. */
function oneConflict(a: Conflict | undefined, b: Conflict | undefined): Conflict | undefined | null {
  return a === undefined || b === undefined || a === b ? (a ?? b) : null
}

function overrides(a: Rules, b: Rules): boolean {
  return a.conflict === 'perm' && b.conflict !== 'perm' && (b.prohibition ?? []).length > 0
}

/** Null where the actions have nothing in common. */
function meet(a: Rule, b: Rule): Rule | null {
  const [ofA, ofB] = [canonicalAction(a.action) ?? a.action, canonicalAction(b.action) ?? b.action]
  const action = covers(ofA, ofB) ? b.action : covers(ofB, ofA) ? a.action : null
  if (action === null) return null
  const id = a['@id'] ?? b['@id']
  const refinement = unique<Constraint>(a.refinement, b.refinement)
  const constraint = unique<Constraint>(a.constraint, b.constraint)
  const duty = unique<Duty>(a.duty, b.duty)
  return {
    ...(id !== undefined && { '@id': id }),
    action,
    ...(refinement.length > 0 && { refinement }),
    ...(constraint.length > 0 && { constraint }),
    ...((a.parties ?? b.parties) && { parties: { ...a.parties, ...b.parties } }),
    ...(duty.length > 0 && { duty }),
  }
}

/** What both say is said once. */
function unique<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): readonly T[] {
  const all = [...(a ?? []), ...(b ?? [])]
  return [...new Map(all.map((each) => [canonicalJson(each as Json), each])).values()]
}
