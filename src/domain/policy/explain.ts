// Why a policy said no, in one place and one sentence, in English or in Chinese.

import type { AtomicReason, ConstraintReason, ConstraintsDecision, Decision, RuleReason } from './decision.ts'
import { isPermitted } from './decision.ts'
import type { Phase } from './facts.ts'
import { actionNamed, cut, reasonSentence, RULE_SENTENCES } from './reason-words.ts'
import type { Language } from './render/language.ts'
import { bans, grants } from './results.ts'

export interface Reason {
  readonly path: string
  readonly message: string
}

const MESSAGE_CHARS_MAX = 500

/** Which words, and in which phase the question was asked. */
interface Telling {
  readonly phase: Phase
  readonly language: Language
}

/** The one reason why the request was refused, or null if it was not: the first constraint that fails, or the rule that denies. */
export function reasonOf(decision: Decision | ConstraintsDecision, language: Language = 'en'): Reason | null {
  const reason = findReason(decision, { phase: decision.phase, language })
  return reason && { ...reason, message: cut(reason.message, MESSAGE_CHARS_MAX) }
}

function findReason(decision: Decision | ConstraintsDecision, telling: Telling): Reason | null {
  if ('holds' in decision) {
    const failing = decision.holds ? undefined : decision.reasons.find(({ result }) => !grants(result))
    return failing === undefined ? null : failure(failing, telling)
  }
  if (isPermitted(decision)) return null

  const { cause, reasons, action } = decision
  const banning = reasons.find(({ kind, state }) => kind === 'prohibition' && state === 'active')
  if (banning !== undefined) return prohibition(banning, decision, telling)

  const refusing = cause === 'not-active' ? reasons.find(({ state }) => state === 'inactive') : undefined
  return refusing === undefined
    ? {
        path: 'permission',
        message: RULE_SENTENCES[telling.language].notCovered(actionNamed(action, telling.language)),
      }
    : inactivity(refusing, action, telling)
}

function prohibition(rule: RuleReason, { cause, reasons, action }: Decision, telling: Telling): Reason {
  const say = RULE_SENTENCES[telling.language]
  const [open] = [...refinementsOf(rule), ...rule.constraints].flatMap(
    (each) => leaf(each, ({ result }) => result === 'unknown') ?? [],
  )
  const unknown = open === undefined ? null : reasonSentence(open, telling.phase, telling.language)
  const message = say.prohibited(actionNamed(action, telling.language), unknown)
  if (cause !== 'policy-void') return { path: rule.path, message }
  const permission =
    reasons.find(({ kind, state }) => kind === 'permission' && state === 'active')?.path ?? 'permission'
  return { path: rule.path, message: say.void(message, permission) }
}

function inactivity(rule: RuleReason, action: string, telling: Telling): Reason {
  const { language } = telling
  const say = RULE_SENTENCES[language]
  const failing = [...refinementsOf(rule), ...rule.constraints].find(({ result }) => !grants(result))
  if (failing !== undefined) return failure(failing, telling)
  const duty = rule.duties.find(({ timing, state }) => timing !== 'after' && (state === 'owed' || state === 'violated'))
  const named = actionNamed(action, language)
  return duty === undefined
    ? { path: rule.path, message: say.notPermitted(named) }
    : { path: duty.path, message: say.dutyFirst(actionNamed(duty.action, language), named) }
}

function failure(reason: ConstraintReason, telling: Telling): Reason {
  const { path } = reason
  const say = RULE_SENTENCES[telling.language]
  if (!('of' in reason)) return { path, message: reasonSentence(reason, telling.phase, telling.language) }
  // What must hold in order fails where the first of it does not hold.
  const isEach = reason.operator === 'and' || reason.operator === 'andSequence'
  const failing = isEach ? reason.of.find(({ result }) => !grants(result)) : undefined
  if (failing !== undefined) return failure(failing, telling)
  const wanted = reason.operator === 'xone' ? say.exactlyOne : say.oneOf
  return {
    path,
    message: say.parts(
      wanted,
      reason.of.map((part) => failure(part, telling).message),
    ),
  }
}

/** What the request must be like, beside the constraints: it refuses as much as they do. */
function refinementsOf({ matches = [] }: RuleReason): readonly ConstraintReason[] {
  return matches.flatMap(({ refinement }) => refinement)
}

/** The first atomic constraint below that is so, in reading order. */
function leaf(reason: ConstraintReason, isSo: (reason: AtomicReason) => boolean): AtomicReason | null {
  if (!('of' in reason)) return isSo(reason) ? reason : null
  if (!bans(reason.result)) return null
  for (const part of reason.of) {
    const found = leaf(part, isSo)
    if (found !== null) return found
  }
  return null
}
