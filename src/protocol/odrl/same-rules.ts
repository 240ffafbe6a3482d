// When two sets of rules say the same: their normal form, its equality and its digest.

import { canonicalJson, type Json } from '../../kernel/canonical-json.ts'
import { digestOf } from '../../kernel/digest.ts'
import type { Constraint, Rule, Rules, Scope } from './types.ts'
import { LOGICAL_OPERATORS, shortTerm } from './vocabulary.ts'

/**
 * Whether two policies have the same rules. Ids, parties and target are not rules. Order counts in `andSequence` only; a
 * value and a list of that one value are the same, as in JSON-LD. Values are compared as text: `9` is not `09`.
 */
export function sameRules(a: Rules, b: Rules): boolean {
  return normalText(a) === normalText(b)
}

/** `sha-256:<hex>` of the canonical JSON (RFC 8785) of the normal form: equal for the same rules, in whichever order. */
export function rulesDigest(rules: Rules): string {
  return digestOf(normalText(rules))
}

function normalText({ profile, conflict, permission, prohibition, obligation }: Rules): string {
  return canonicalJson({
    // `invalid` is what no word means.
    conflict: conflict === 'invalid' ? undefined : conflict,
    profile: someOf(typeof profile === 'string' ? [profile] : profile?.toSorted()),
    permission: someOf(permission && unordered(permission.map(normalRule))),
    prohibition: someOf(prohibition && unordered(prohibition.map(normalRule))),
    obligation: someOf(obligation && unordered(obligation.map(normalRule))),
  })
}

function normalRule({ action, refinement, constraint, scopes, parties, duty, remedy, consequence }: Rule): Json {
  return {
    action: shortTerm(action),
    refinement: someOf(refinement && unordered(refinement.map(normalConstraint))),
    constraint: someOf(constraint && unordered(constraint.map(normalConstraint))),
    scopes: scopes && {
      target: scopes.target && normalScope(scopes.target),
      assigner: scopes.assigner && normalScope(scopes.assigner),
      assignee: scopes.assignee && normalScope(scopes.assignee),
    },
    parties: parties && { ...parties },
    duty: someOf(duty && unordered(duty.map(normalRule))),
    remedy: someOf(remedy && unordered(remedy.map(normalRule))),
    consequence: someOf(consequence && unordered(consequence.map(normalRule))),
  }
}

function normalScope({ id, isCollection, refinement }: Scope): Json {
  return { id, isCollection, refinement: someOf(refinement && unordered(refinement.map(normalConstraint))) }
}

function normalConstraint(constraint: Constraint): Json {
  if ('leftOperand' in constraint) {
    const { leftOperand, operator, rightOperand, unit } = constraint
    const values = typeof rightOperand === 'string' ? [rightOperand] : rightOperand.toSorted()
    return { leftOperand: shortTerm(leftOperand), operator: shortTerm(operator), rightOperand: values, unit }
  }
  const normal: Record<string, Json> = {}
  for (const key of LOGICAL_OPERATORS) {
    const of = constraint[key]?.map(normalConstraint)
    if (of !== undefined) normal[key] = key === 'andSequence' ? of : unordered(of)
  }
  return normal
}

/** An empty list and none are the same. */
function someOf(list: readonly Json[] | undefined): readonly Json[] | undefined {
  return list?.length === 0 ? undefined : list
}

function unordered(list: readonly Json[]): readonly Json[] {
  return list
    .map((value) => ({ value, text: canonicalJson(value) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ value }) => value)
}
