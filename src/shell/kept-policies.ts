// The generations of the policy files that the database keeps, and the one that somebody goes back to.

import { findingLine, type Finding } from '../config/finding.ts'
import { ROWS_MAX } from '../domain/generations/keep-generation.ts'
import type { PolicyContentRow, PolicyGenerationRow, Reader } from '../domain/ledger.ts'
import { problem, ProblemError } from '../kernel/problem.ts'

const FINDINGS_TOLD_MAX = 20

/** Oldest first. */
export function generationsIn(reader: Reader): readonly PolicyGenerationRow[] {
  return reader.list('policyGeneration', { after: null, limit: ROWS_MAX })
}

/** The files of a generation that was in force once. Throws `resource.unknown`, or `policy.not-understood` for one that never was. */
export function keptGeneration(reader: Reader, generation: number): PolicyContentRow {
  const row = reader.get('policyGeneration', String(generation))
  if (row?.state === 'refused') throw notTakenBack(generation, row.findings)
  const content = row === null ? null : reader.get('policyContent', row.digest)
  if (content !== null) return content
  throw new ProblemError(problem('resource.unknown', `generation ${String(generation)} is not kept`, 'generation'))
}

export function notTakenBack(generation: number, findings: readonly Finding[]): ProblemError {
  const lines = findings.slice(0, FINDINGS_TOLD_MAX).map(findingLine)
  const sentence = [`generation ${String(generation)} cannot be in force:`, ...lines].join('\n')
  return new ProblemError(problem('policy.not-understood', sentence, 'generation'))
}
