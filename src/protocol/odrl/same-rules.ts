// When two sets of rules say the same: their normal form, its equality and its digest.

import { canonicalJson, type Json } from '../../kernel/canonical-json.ts'
import { digestOf } from '../../kernel/digest.ts'
import type { Constraint, Rule, Rules } from './types.ts'
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

function normalText({ profile, permission, prohibition, obligation }: Rules): string {
  return canonicalJson({
    profile: someOf(typeof profile === 'string' ? [profile] : profile?.toSorted()),
    permission: someOf(permission && unordered(permission.map(normalRule))),
    prohibition: someOf(prohibition && unordered(prohibition.map(normalRule))),
    obligation: someOf(obligation && unordered(obligation.map(normalRule))),
  })
}

function normalRule({ action, constraint, duty }: Rule): Json {
  return {
    action: shortTerm(action),
    constraint: someOf(constraint && unordered(constraint.map(normalConstraint))),
    duty: someOf(duty && unordered(duty.map(normalRule))),
  }
}

function normalConstraint(constraint: Constraint): Json {
  if ('leftOperand' in constraint) {
    const { leftOperand, operator, rightOperand } = constraint
    const values = typeof rightOperand === 'string' ? [rightOperand] : rightOperand.toSorted()
    return { leftOperand: shortTerm(leftOperand), operator: shortTerm(operator), rightOperand: values }
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
