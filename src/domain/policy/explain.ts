// Why a policy said no, in one place and one sentence.

import type { AtomicReason, ConstraintReason, ConstraintsDecision, Decision, RuleReason } from './decision.ts'
import { isPermitted } from './decision.ts'
import type { Phase } from './facts.ts'
import { bans, grants } from './results.ts'

export interface Reason {
  readonly path: string
  readonly message: string
}

/** How much of a policy a sentence repeats: values of one list, characters of one value, characters in all. */
const VALUES_SHOWN_MAX = 5
const VALUE_CHARS_MAX = 100
const MESSAGE_CHARS_MAX = 500

/** The fact, as it is said of a request. */
// prettier-ignore
const FACT: Readonly<Record<string, (saw: string, phase: Phase) => string>> = {
  dateTime:    (saw) => `it is ${saw}`,
  elapsedTime: (saw) => `the agreement is ${saw} old`,
  count:       (saw, phase) => (phase === 'start' ? `this would be use ${saw}` : `uses so far: ${saw}`),
  spatial:     (saw) => `the participant's country is ${saw}`,
  recipient:   (saw) => `the participant is ${saw}`,
  purpose:     (saw) => `the stated purpose is ${saw}`,
}

// prettier-ignore
const UNKNOWN: Readonly<Record<string, string>> = {
  elapsedTime: 'the date of the agreement is not known',
  spatial:     "the participant's country is not known",
}

/** The one reason why the request was refused, or null if it was not: the first constraint that fails, or the rule that denies. */
export function reasonOf(decision: Decision | ConstraintsDecision): Reason | null {
  const reason = findReason(decision)
  return reason && { ...reason, message: cut(reason.message, MESSAGE_CHARS_MAX) }
}

function findReason(decision: Decision | ConstraintsDecision): Reason | null {
  if ('holds' in decision) {
    const failing = decision.holds ? undefined : decision.reasons.find(({ result }) => !grants(result))
    return failing === undefined ? null : failure(failing, decision.phase)
  }
  if (isPermitted(decision)) return null

  const { cause, reasons, action, phase } = decision
  const banning = reasons.find(({ kind, state }) => kind === 'prohibition' && state === 'active')
  if (banning !== undefined) return prohibition(banning, decision)

  const refusing = cause === 'not-active' ? reasons.find(({ state }) => state === 'inactive') : undefined
  return refusing === undefined
    ? { path: 'permission', message: `no permission covers ${action}` }
    : inactivity(refusing, action, phase)
}

function prohibition(rule: RuleReason, { cause, reasons, action, phase }: Decision): Reason {
  const [open] = rule.constraints.flatMap((each) => leaf(each, ({ result }) => result === 'unknown') ?? [])
  const unknown = open === undefined ? '' : `, as far as is known (${sentence(open, phase)})`
  const message = `${action} is prohibited${unknown}`
  if (cause !== 'policy-void') return { path: rule.path, message }
  const permission =
    reasons.find(({ kind, state }) => kind === 'permission' && state === 'active')?.path ?? 'permission'
  return {
    path: rule.path,
    message: `policy-void: ${message}, and ${permission} permits it; such a conflict voids the policy`,
  }
}

function inactivity(rule: RuleReason, action: string, phase: Phase): Reason {
  const failing = rule.constraints.find(({ result }) => !grants(result))
  if (failing !== undefined) return failure(failing, phase)
  const duty = rule.duties.find(({ timing, state }) => timing === 'before' && state === 'owed')
  return duty === undefined
    ? { path: rule.path, message: `${action} is not permitted` }
    : {
        path: duty.path,
        message: `the duty to ${duty.action} comes before ${action}, and nothing shows that it was fulfilled`,
      }
}

function failure(reason: ConstraintReason, phase: Phase): Reason {
  const { path } = reason
  if (!('of' in reason)) return { path, message: sentence(reason, phase) }
  const failing = reason.operator === 'and' ? reason.of.find(({ result }) => !grants(result)) : undefined
  if (failing !== undefined) return failure(failing, phase)
  const wanted = reason.operator === 'xone' ? 'exactly one of these must hold' : 'one of these must hold'
  return { path, message: `${wanted}: ${reason.of.map((part) => `[${failure(part, phase).message}]`).join(' ')}` }
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

function sentence({ left, operator, right, saw, result, until }: AtomicReason, phase: Phase): string {
  const wanted = `${left} ${operator} ${shown(right)}`
  const fact =
    saw === null
      ? (UNKNOWN[left] ?? 'nothing is known of it')
      : (FACT[left]?.(cut(saw, VALUE_CHARS_MAX), phase) ?? 'it is something else')
  // prettier-ignore
  switch (result) {
    case 'satisfied':   return `${wanted} holds: ${fact}`
    case 'contractual': return `${wanted} is agreed by contract`
    case 'deferred':    return `${wanted} is decided in phase ${until ?? 'start'}`
    case 'unknown':     return saw === null ? `${wanted} cannot be checked: ${fact}` : `${wanted} is left open: ${fact}`
    case 'unsatisfied': return `${wanted} does not hold: ${fact}`
  }
}

function shown(right: string | readonly string[]): string {
  const values = typeof right === 'string' ? [right] : right
  const more = values.length - VALUES_SHOWN_MAX
  const named = values.slice(0, VALUES_SHOWN_MAX).map((value) => cut(value, VALUE_CHARS_MAX))
  return `${named.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`
}

function cut(text: string, charsMax: number): string {
  return text.length > charsMax ? `${text.slice(0, charsMax - 1)}…` : text
}
