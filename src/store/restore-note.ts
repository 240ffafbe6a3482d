// What a restore leaves for the next start to put on record: which backup took the place of what, and how far things went back.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncFile } from './copy.ts'

/** How much the database that was replaced knew and its successor does not. */
export interface WentBack {
  readonly evidenceEntries: number
  /** Uses under agreements that are counted no longer: they can be made again. */
  readonly uses: number
  /** Agreements that are not known any more, and ended ones that are in force again. */
  readonly agreementsLost: number
  readonly agreementsRevived: number
  /** Peers and management tokens that were struck off and count again. */
  readonly peersRevived: number
  readonly tokensRevived: number
  /** Token ids that are not remembered any more: such a token could be used a second time until it expires. */
  readonly replayForgotten: number
}

export interface RestoreNote {
  readonly restoredAt: string
  /** The newest entry of the evidence that was put in place. */
  readonly head: { readonly seq: number; readonly hash: string }
  /** When the backup was made; null where it does not say. */
  readonly madeAt: string | null
  /** The newest entry of what was replaced; null where there was nothing, or nothing that could be read. */
  readonly replaced: { readonly seq: number; readonly hash: string } | null
  /** Null where nothing is known of what was replaced. */
  readonly wentBack: WentBack | null
}

const NOTE = 'restored.json'

export function writeRestoreNote(dir: string, note: RestoreNote): void {
  const file = join(dir, NOTE)
  writeFileSync(file, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 })
  syncFile(file)
  syncFile(dirname(file))
}

/** Null where nothing was restored since the last start. */
export function readRestoreNote(dir: string): RestoreNote | null {
  const file = join(dir, NOTE)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RestoreNote) : null
}

export function removeRestoreNote(dir: string): void {
  rmSync(join(dir, NOTE), { force: true })
}
