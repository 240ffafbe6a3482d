// Rules as they leave: spelt so that a peer that processes JSON-LD reads the same terms as one that does not.

import type { Problem } from '../../kernel/problem.ts'
import { problem } from '../../kernel/problem.ts'
import { item, member } from './path.ts'
import type { Constraint, Duty, Rule, Rules } from './types.ts'
import { LOGICAL_OPERATORS, shortTerm, wireTerm } from './vocabulary.ts'

/** A policy in the words of the wire: plain JSON. */
export type WireRules = Rules

/**
 * The rules alone (no id, party or target) with `use` bare and every other term of ODRL as `odrl:…`, because DSP's context
 * defines no other action and no left operand; so do the members that its context does not have (`odrl:remedy`, `odrl:unit`),
 * which a peer that processes JSON-LD would lose if they were bare. No empty lists, because DSP's schema refuses them. Values
 * are strings already. What has no spelling that survives is named by `lostOnWire`, and must not get here.
 */
export function rulesToWire({ profile, conflict, permission, prohibition, obligation }: Rules): WireRules {
  return {
    ...(profile === undefined || profile.length === 0 ? {} : { profile }),
    ...(conflict !== undefined && { 'odrl:conflict': { '@id': `odrl:${conflict}` } }),
    ...list('permission', permission, ruleToWire),
    ...list('prohibition', prohibition, ruleToWire),
    ...list('obligation', obligation, ruleToWire),
  }
}

/**
 * Everything in the rules that no spelling would carry to a peer that processes JSON-LD with the context of DSP 2025-1: the
 * order of `andSequence` (its term there is no list), assets and parties of a rule's own (DSP forbids them), and terms
 * without a namespace. Each is a `policy.wire-lossy` with its place.
 */
export function lostOnWire({ permission, prohibition, obligation }: Rules, path = ''): readonly Problem[] {
  return [
    ...lostInRules(permission, member(path, 'permission')),
    ...lostInRules(prohibition, member(path, 'prohibition')),
    ...lostInRules(obligation, member(path, 'obligation')),
  ]
}

function lostInRules(rules: readonly Rule[] | undefined, path: string): readonly Problem[] {
  return (rules ?? []).flatMap((rule, index) => {
    const at = item(path, index)
    const scopes = Object.keys(rule.scopes ?? {}).map((key) =>
      lossy(`DSP carries the ${key} of a policy, and none of a rule's own`, member(at, key)),
    )
    return [
      ...lostTerm(rule.action, member(at, 'action')),
      ...scopes,
      ...lostInConstraints(rule.refinement, member(at, 'refinement')),
      ...lostInConstraints(rule.constraint, member(at, 'constraint')),
      ...lostInRules(rule.duty, member(at, 'duty')),
      ...lostInRules(rule.remedy, member(at, 'remedy')),
      ...lostInRules(rule.consequence, member(at, 'consequence')),
    ]
  })
}

function lostInConstraints(constraints: readonly Constraint[] | undefined, path: string): readonly Problem[] {
  return (constraints ?? []).flatMap((constraint, index) => {
    const at = item(path, index)
    if ('leftOperand' in constraint) return lostTerm(constraint.leftOperand, member(at, 'leftOperand'))
    const isOrdered = constraint.andSequence !== undefined
    return [
      ...(isOrdered
        ? [lossy('the order of andSequence is lost to a peer that processes JSON-LD', member(at, 'andSequence'))]
        : []),
      ...LOGICAL_OPERATORS.flatMap((key) => lostInConstraints(constraint[key], member(at, key))),
    ]
  })
}

/** A term that is not ODRL's, not the profile's and no IRI would become a name of the peer's own base. */
function lostTerm(term: string, path: string): readonly Problem[] {
  return wireTerm(term) === 'use' || wireTerm(term).includes(':')
    ? []
    : [
        lossy(
          `${JSON.stringify(term)} has no namespace, so a peer that processes JSON-LD would read another term`,
          path,
        ),
      ]
}

function lossy(message: string, path: string): Problem {
  return problem('policy.wire-lossy', message, path)
}

function ruleToWire(rule: Rule): Rule {
  const { action, refinement, constraint, parties, duty, remedy, consequence } = rule
  const functions = Object.entries(parties ?? {}).map(([key, party]) => [`odrl:${key}`, { '@id': party }])
  return {
    ...(rule['@id'] !== undefined && { '@id': rule['@id'] }),
    action: wireTerm(action),
    ...list('odrl:refinement', refinement, constraintToWire),
    ...list('constraint', constraint, constraintToWire),
    ...(Object.fromEntries(functions) as object),
    ...list<'duty', Duty>('duty', duty, ruleToWire),
    ...list<'odrl:remedy', Duty>('odrl:remedy', remedy, ruleToWire),
    ...list<'odrl:consequence', Duty>('odrl:consequence', consequence, ruleToWire),
  }
}

function constraintToWire(constraint: Constraint): Constraint {
  const id = constraint['@id'] !== undefined && { '@id': constraint['@id'] }
  if ('leftOperand' in constraint) {
    const { leftOperand, operator, rightOperand, unit, dataType } = constraint
    return {
      ...id,
      leftOperand: wireTerm(leftOperand),
      operator: shortTerm(operator),
      rightOperand,
      ...(unit !== undefined && { 'odrl:unit': unit }),
      ...(dataType !== undefined && { 'odrl:dataType': dataType }),
    }
  }
  return Object.assign(
    { ...id },
    ...LOGICAL_OPERATORS.map((key) => list(key, constraint[key], constraintToWire)),
  ) as Constraint
}

function list<K extends string, T>(
  key: K,
  values: readonly T[] | undefined,
  each: (value: T) => T,
): { readonly [P in K]?: readonly T[] } {
  if (values === undefined || values.length === 0) return {}
  const mapped: readonly T[] = values.map(each)
  return { [key]: mapped } as { readonly [P in K]: readonly T[] }
}
