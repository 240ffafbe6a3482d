// The words that a question may use: phases, and how far a duty is.

import type { DutyProgress } from './duties.ts'
import { PHASES, type Phase } from './facts.ts'

export const PROGRESS: readonly DutyProgress[] = ['nonset', 'fulfilled', 'violated', 'late']

export function isPhase(raw: unknown): raw is Phase {
  return PHASES.some((phase) => phase === raw)
}
