// The rows that the policy files leave behind: one for each reading of the folder that said something new.

import type { Instant } from '../../kernel/time.ts'

/** One mistake in a policy file, as it is kept. */
export interface KeptFinding {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** One reading of the policy files: the one in force, one that was in force before, or one that was refused. */
export interface PolicyGenerationRow {
  /** Counts from 1; refused readings count too. */
  readonly number: number
  /** `sha-256:…` over the paths and texts of all its files. */
  readonly digest: string
  /** What lay in the folder when it was made: another digest than its own where somebody went back to an earlier generation. */
  readonly folderDigest: string
  readonly state: 'active' | 'superseded' | 'refused'
  /** The generation whose files these are, where somebody went back to it. */
  readonly backTo: number | null
  readonly at: Instant
  /** The name of a management token, or what in parentheses no token can be called. */
  readonly by: string
  readonly files: number
  /** How many its files take here, packed. */
  readonly bytes: number
  /** How many findings there were; the first of them stand in `findings`. */
  readonly mistakes: number
  readonly findings: readonly KeptFinding[]
}

/** All files of a reading, packed, by their digest. */
export interface PolicyContentRow {
  readonly digest: string
  readonly packed: string
}
