// Policies and facts with defaults, so that a test states only what matters to it.

import { compilePolicy } from '../../../../src/domain/policy/compile.ts'
import type { CompiledPolicy } from '../../../../src/domain/policy/compiled.ts'
import type { Decision } from '../../../../src/domain/policy/decision.ts'
import { evaluatePolicy } from '../../../../src/domain/policy/evaluate.ts'
import type { Facts, Phase } from '../../../../src/domain/policy/facts.ts'
import { orThrow } from '../../../../src/kernel/problem.ts'
import { instant, type Instant } from '../../../../src/kernel/time.ts'
import type { ParticipantId } from '../../../../src/protocol/ids.ts'
import type { AtomicConstraint, Constraint, Duty, RightOperand, Rules } from '../../../../src/protocol/odrl/types.ts'

export function at(iso: string): Instant {
  return instant(Date.parse(iso))
}

export function participant(id: string): ParticipantId {
  return id as ParticipantId
}

export function facts(more: Partial<Facts> = {}): Facts {
  return {
    now: at('2026-06-01T12:00:00Z'),
    participant: participant('did:web:consumer.example'),
    country: 'VN',
    purpose: null,
    agreedAt: at('2026-05-01T12:00:00Z'),
    used: 0,
    ...more,
  }
}

export function that(leftOperand: string, operator: string, rightOperand: RightOperand): AtomicConstraint {
  return { leftOperand, operator, rightOperand }
}

export function permitting(...constraint: readonly Constraint[]): Rules {
  return { permission: [{ action: 'use', constraint }] }
}

export function permittingWith(...duty: readonly Duty[]): Rules {
  return { permission: [{ action: 'use', duty }] }
}

export function compiled(rules: Rules): CompiledPolicy {
  return orThrow(compilePolicy(rules))
}

export function decide(rules: Rules, more: Partial<Facts> = {}, phase: Phase = 'start', action = 'use'): Decision {
  return evaluatePolicy(compiled(rules), action, facts(more), phase)
}
