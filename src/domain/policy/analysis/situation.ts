// One request in one state of the world: what a claim of the analysis is shown by, and confirmed with.

import type { ParticipantId } from '../../../protocol/ids.ts'
import { instant } from '../../../kernel/time.ts'
import type { DutyProgress } from '../duties.ts'
import { isPermitted } from '../decision.ts'
import { evaluatePolicy, type Asked } from '../evaluate.ts'
import type { Facts, Phase } from '../facts.ts'
import type { Side } from './side.ts'

export interface Situation {
  readonly action: string
  readonly phase: Phase
  /** Without memberships and duties: those are each policy's own. */
  readonly facts: Facts
  readonly asked: Asked
  /** How far duties are, by their names in the analysis. */
  readonly duties: ReadonlyMap<string, DutyProgress>
}

const DAY_MS = 86_400_000
/** A Monday in the middle of a month, so that no month is cut short on the way back from it. */
export const USUAL_NOW = instant(Date.parse('2026-06-15T09:30:00Z'))

export const USUAL_FACTS: Facts = {
  now: USUAL_NOW,
  participant: 'did:web:consumer.example' as ParticipantId,
  country: null,
  purpose: null,
  agreedAt: instant(USUAL_NOW - DAY_MS),
  used: 0,
}

/** The facts as one policy sees them. */
export function factsFor({ memberships, dutyNames }: Side, { facts, duties }: Situation): Facts {
  const progress = [...dutyNames].flatMap(([path, name]) => {
    const word = duties.get(name)
    return word === undefined ? [] : [[path, word] as const]
  })
  return {
    ...facts,
    ...(memberships !== undefined && { memberships }),
    ...(progress.length > 0 && { duties: Object.fromEntries(progress) }),
  }
}

/** Whether the policy permits what is asked in the situation, by the evaluator itself. */
export function isPermittedIn(side: Side, situation: Situation): boolean {
  const { action, phase, asked } = situation
  return isPermitted(evaluatePolicy(side.policy, action, factsFor(side, situation), phase, asked))
}
