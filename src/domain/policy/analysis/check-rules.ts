// Rules that another rule makes needless, and permissions and prohibitions that meet.

import { canonicalJson, type Json } from '../../../kernel/canonical-json.ts'
import { covers } from '../../../protocol/odrl/actions.ts'
import type { Duty } from '../../../protocol/odrl/types.ts'
import type { CompiledPermission, CompiledProhibition } from '../compiled.ts'
import { evaluatePolicy } from '../evaluate.ts'
import { all, not, type Condition } from './condition.ts'
import type { Examined } from './examined.ts'
import { finding, type PolicyFinding } from './findings.ts'
import { permissionActive, prohibitionActive } from './rule-condition.ts'
import { isImpossible, search } from './search.ts'
import { factsFor, type Situation } from './situation.ts'

export function checkRules(examined: Examined): readonly PolicyFinding[] {
  const { permissions, prohibitions } = examined.side.policy
  return [
    ...permissions.flatMap((rule) => shadowed(rule, examined)),
    ...permissions.flatMap((rule) => neverPermits(rule, examined)),
    ...prohibitions.flatMap((rule) => needless(rule, examined)),
    ...permissions.flatMap((rule) => prohibitions.flatMap((other) => overlap(rule, other, examined))),
    ...repeatedObligations(examined),
  ]
}

type Active<R> = (rule: R, action: string) => Condition

interface About {
  readonly action: string
}

/** Whether the one is active only where the other is too, whatever is asked for that it is about. */
function implies<R extends About>(rule: R, other: R, active: Active<R>, examined: Examined): boolean {
  const { space } = examined
  const about = actionsOf(rule, examined)
  if (about.length === 0 || !covers(other.action, rule.action)) return false
  return about.every((action) => isImpossible(all([active(rule, action), not(active(other, action))]), space))
}

/** What is never active was found out by its constraints: that others cover it is no news. */
function isNeverActive<R extends About>(rule: R, active: Active<R>, examined: Examined): boolean {
  return actionsOf(rule, examined).every((action) => isImpossible(active(rule, action), examined.space))
}

function actionsOf({ action }: About, { actions }: Examined): readonly string[] {
  return actions.filter((each) => covers(action, each))
}

function shadowed(rule: CompiledPermission, examined: Examined): readonly PolicyFinding[] {
  const { permissions } = examined.side.policy
  const active: Active<CompiledPermission> = (each, action) => permissionActive(each, action, examined.side)
  const index = permissions.indexOf(rule)
  if (permissions.length < 2 || isNeverActive(rule, active, examined)) return []
  for (const [place, other] of permissions.entries()) {
    if (other === rule || !owesNoMore(place, index, examined) || !implies(rule, other, active, examined)) continue
    const isMutual = owesNoMore(index, place, examined) && implies(other, rule, active, examined)
    // Of two that say the same, the later one is too many.
    if (isMutual && place > index) continue
    return [finding(isMutual ? 'redundant-rule' : 'shadowed-permission', rule.path, { words: [other.path] })]
  }
  return []
}

/** Whether everything that the one permission demands the other demands too, so that it is no harder to have. */
function owesNoMore(place: number, than: number, { rules }: Examined): boolean {
  const [duties, others] = [place, than].map((index) => rules.permission?.[index]?.duty?.map(textOf) ?? [])
  return duties?.every((duty) => others?.includes(duty)) === true
}

function textOf({ '@id': _id, ...duty }: Duty): string {
  return canonicalJson(duty as unknown as Json)
}

function neverPermits(rule: CompiledPermission, examined: Examined): readonly PolicyFinding[] {
  const { side, space } = examined
  const { prohibitions, conflict } = side.policy
  const about = actionsOf(rule, examined)
  if (prohibitions.length === 0 || conflict === 'perm' || about.length === 0) return []
  const isAlone = (action: string) =>
    all([
      permissionActive(rule, action, side),
      ...prohibitions.map((each) => not(prohibitionActive(each, action, side))),
    ])
  if (!about.every((action) => isImpossible(isAlone(action), space))) return []
  if (isNeverActive(rule, (each, action) => permissionActive(each, action, side), examined)) return []
  return [finding(conflict === 'invalid' ? 'conflict-void' : 'shadowed-permission.no', rule.path)]
}

function needless(rule: CompiledProhibition, examined: Examined): readonly PolicyFinding[] {
  const { side, rules } = examined
  const { prohibitions, permissions, conflict } = side.policy
  if (permissions.length === 0) return []
  if (conflict === 'perm') return [finding('dead-prohibition.perm', rule.path)]
  const isOfDuty = permissions.some(({ duties }) => duties.some((duty) => covers(rule.action, duty.action)))
  if (actionsOf(rule, examined).length === 0) return isOfDuty ? [] : [finding('dead-prohibition.closed', rule.path)]
  const active: Active<CompiledProhibition> = (each, action) => prohibitionActive(each, action, side)
  const index = prohibitions.indexOf(rule)
  if (prohibitions.length < 2 || isNeverActive(rule, active, examined)) return []
  // What has to be done after an infringement is a reason of its own to say it twice.
  const hasRemedy = (place: number) => (rules.prohibition?.[place]?.remedy?.length ?? 0) > 0
  for (const [place, other] of prohibitions.entries()) {
    if (other === rule || hasRemedy(index) || !implies(rule, other, active, examined)) continue
    const isMutual = !hasRemedy(place) && implies(other, rule, active, examined)
    if (isMutual && place > index) continue
    return [finding(isMutual ? 'redundant-rule' : 'redundant-rule.less', rule.path, { words: [other.path] })]
  }
  return []
}

/** Only under `invalid`, which ODRL means where a policy says nothing: the other strategies say what then holds. */
function overlap(rule: CompiledPermission, other: CompiledProhibition, examined: Examined): readonly PolicyFinding[] {
  const { side, space, actions } = examined
  if (side.policy.conflict !== 'invalid') return []
  for (const action of actions.filter((each) => covers(rule.action, each) && covers(other.action, each))) {
    const meets: Condition = all([permissionActive(rule, action, side), prohibitionActive(other, action, side)])
    const found = search(meets, action, space, (situation) => areBothActive(rule, other, situation, examined))
    if (found.kind !== 'situation') continue
    const isWhole = covers(other.action, rule.action)
    const key = isWhole ? 'perm-prohib-overlap' : 'perm-prohib-overlap.part'
    return [finding(key, other.path, { words: [rule.path, action], witness: found.situation })]
  }
  return []
}

function areBothActive(
  rule: CompiledPermission,
  other: CompiledProhibition,
  situation: Situation,
  { side }: Examined,
): boolean {
  const { action, phase, asked } = situation
  const { reasons } = evaluatePolicy(side.policy, action, factsFor(side, situation), phase, asked)
  return [rule.path, other.path].every((path) => reasons.some((each) => each.path === path && each.state === 'active'))
}

function repeatedObligations({ rules, side }: Examined): readonly PolicyFinding[] {
  const texts = rules.obligation?.map(textOf) ?? []
  return side.policy.obligations.flatMap(({ path }, index) => {
    const first = texts.indexOf(texts[index] ?? '')
    const earlier = side.policy.obligations[first]
    return first < 0 || first === index || earlier === undefined
      ? []
      : [finding('redundant-rule', path, { words: [earlier.path] })]
  })
}
