// What one look of the doctor comes to, and what all of them are given.

import type { Inspection } from '../../store/inspect.ts'
import type { HttpCall } from '../../kernel/http-call.ts'
import { ProblemError, type Problem } from '../../kernel/problem.ts'
import type { Instant } from '../../kernel/time.ts'
import type { OwnKey } from '../../trust/keys.ts'
import type { Settings } from '../settings.ts'

export interface Check {
  readonly ok: boolean
  /** What was seen; where it is not good, what to do. */
  readonly detail: string
}

/** How far a clock elsewhere is ahead of ours, by the Date header of an answer. */
export interface Skew {
  readonly from: string
  readonly ms: number
}

export interface Patient {
  readonly settings: Settings
  /** Another process has the data directory: the connector runs. */
  readonly isRunning: boolean
  /** Null where there is no database yet. */
  readonly database: Inspection | Problem | null
  readonly keys: readonly OwnKey[] | Problem
  readonly now: Instant
  /** As our administrator may call: this machine and its network too. */
  readonly callOwn: HttpCall
  /** As a connector calls its peers: guarded. */
  readonly callPeer: HttpCall
  /** The checks that call others leave here what time it is there. */
  readonly skews: Skew[]
}

export function fine(detail: string): Check {
  return { ok: true, detail }
}

export function trouble(detail: string): Check {
  return { ok: false, detail }
}

/** All that was found, or that nothing was. */
export function allFine(found: readonly string[], otherwise: string): Check {
  return found.length === 0 ? fine(otherwise) : trouble(found.join('; '))
}

export function isProblem(value: object | null): value is Problem {
  return value !== null && 'code' in value
}

/** What `look` gives, or the Problem that it threw. */
export async function orProblem<T>(look: () => T | Promise<T>): Promise<T | Problem> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
}
