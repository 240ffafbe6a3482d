// One policy as the analysis looks at it: with its vocabulary, and with names for its duties that do not depend on their place.

import { canonicalJson, type Json } from '../../../kernel/canonical-json.ts'
import { member, item } from '../../../protocol/odrl/path.ts'
import type { Duty, Rule, Rules } from '../../../protocol/odrl/types.ts'
import {
  SCOPE_KEYS,
  type CompiledConstraints,
  type CompiledDuty,
  type CompiledPolicy,
  type CompiledRule,
} from '../compiled.ts'
import type { Memberships } from '../values.ts'
import type { View } from './condition.ts'
import { scopeKey } from './thing-boxes.ts'
import { addNames, collectNames, type NamedValues } from './universe.ts'

export interface Side extends View {
  readonly policy: CompiledPolicy
  /** By the path of a duty: its uid, or what it says. */
  readonly dutyNames: ReadonlyMap<string, string>
}

/**
 * @param rules what the policy was compiled from, at `path`: duties that say the same of different parties are two
 * @param path as it was given to `compilePolicy`
 */
export function sideOf(policy: CompiledPolicy, rules: Rules, memberships: Memberships | undefined, path = ''): Side {
  const written = new Map<string, Duty>()
  const note = (list: readonly Rule[] | undefined, key: string, at: string) => {
    list?.forEach((rule, index) => {
      const place = item(member(at, key), index)
      written.set(place, rule)
      note(rule.duty, 'duty', place)
      note(rule.consequence, 'consequence', place)
    })
  }
  note(rules.permission, 'permission', path)
  return { policy, memberships, dutyNames: namesOf(policy, written) }
}

/** The n-th duty that says the same is another than the first: each has to be fulfilled for itself. */
function namesOf(policy: CompiledPolicy, written: ReadonlyMap<string, Duty>): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const seen = new Map<string, number>()
  const name = (duty: CompiledDuty) => {
    const text = duty.id ?? canonicalJson((written.get(duty.path) ?? duty.action) as unknown as Json)
    const count = (seen.get(text) ?? 0) + 1
    if (duty.id === null) seen.set(text, count)
    names.set(duty.path, `duty ${String(count)} ${text}`)
    duty.consequences.forEach(name)
  }
  policy.permissions.forEach(({ duties }) => duties.forEach(name))
  return names
}

/** Every value that the policy names, for the space in which it is looked at. */
export function collectSide({ policy }: Pick<Side, 'policy'>, named: NamedValues): void {
  const { permissions, prohibitions, obligations } = policy
  const duties = [
    ...permissions.flatMap((rule) => rule.duties),
    ...prohibitions.flatMap((rule) => rule.remedies),
    ...obligations,
  ]
  const rules = [...permissions, ...prohibitions, ...duties, ...duties.flatMap(({ consequences }) => consequences)]
  for (const rule of rules) {
    allConstraintsOf(rule).forEach((list) => collectNames(list, named))
    for (const key of SCOPE_KEYS) {
      const scope = rule.scopes?.[key]
      if (scope !== undefined) addNames(named, scopeKey(key), 'party', [scope.id])
    }
  }
}

/** Its constraints, those of its action, and those of its collections. */
export function allConstraintsOf({ constraints, refinement, scopes }: CompiledRule): readonly CompiledConstraints[] {
  return [constraints, refinement, ...SCOPE_KEYS.map((key) => scopes?.[key]?.refinement ?? [])]
}
