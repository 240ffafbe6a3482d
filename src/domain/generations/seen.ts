// A generation as people are shown it: on the management API and on the command line alike.

import { toIso } from '../../kernel/time.ts'
import type { KeptFinding, PolicyGenerationRow } from './rows.ts'

export interface GenerationSeen {
  readonly generation: number
  readonly digest: string
  readonly state: PolicyGenerationRow['state']
  readonly backTo: number | null
  readonly at: string
  readonly by: string
  readonly files: number
  readonly mistakes: number
  readonly findings: readonly KeptFinding[]
}

export function generationSeen(row: PolicyGenerationRow): GenerationSeen {
  const { number: generation, digest, state, backTo, at, by, files, mistakes, findings } = row
  return { generation, digest, state, backTo, at: toIso(at), by, files, mistakes, findings }
}
