// `lingqu restore`: puts a backup in the place of the database, and says what that takes back.

import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { problem, ProblemError } from '../kernel/problem.ts'
import { toIso } from '../kernel/time.ts'
import { lockDirectory } from '../store/lock.ts'
import { writeRestoreNote, type WentBack } from '../store/restore-note.ts'
import { readBackup, restoreFile, standBy, type ReadBackup } from '../store/restore.ts'
import { verifyEvidence } from './evidence-verify.ts'
import { done, type Command } from './outcome.ts'
import { readSettings, type Settings } from './settings.ts'

export const restore: Command = async ({ positionals: [named = ''] }, io) => {
  const settings = await readSettings(io)
  const { dir, database } = settings.paths
  const file = resolve(named)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const lock = lockDirectory(dir)
  try {
    io.progress(`looking at ${file}`)
    const backup = readBackup(file)
    mustBeOurs(file, backup, settings)
    const restoredAt = toIso(io.clock())
    const suffix = `replaced-${restoredAt.replaceAll(/[:.]/g, '-')}`
    const standby = standBy(file, database)
    try {
      const { madeAt, end } = backup
      const { end: replaced = null, wentBack = null } = standby.replaced ?? {}
      writeRestoreNote(dir, { restoredAt, madeAt, head: end, replaced, wentBack })
      // Before the database: a start that found it without its keys would make new ones.
      const files = backup.files.filter((each) => restoreFile(dir, each, suffix)).map(({ name }) => name)
      const keptAside = standby.takeOver(suffix)
      return done(
        { restored: file, madeAt, entries: end.seq, head: end.hash, files, keptAside, wentBack },
        told(file, backup, keptAside, files, wentBack),
      )
    } finally {
      standby.discard()
    }
  } finally {
    lock.release()
  }
}

/** Throws `store.damaged` where its evidence does not hold, `config.invalid` where it is the log of another participant. */
function mustBeOurs(file: string, { origin }: ReadBackup, { derived }: Settings): void {
  if (origin !== null && origin !== derived.did) {
    const sentence = `${file} is a backup of ${origin}, and the settings say ${derived.did}`
    throw new ProblemError(problem('config.invalid', sentence, 'participant.did'))
  }
  const { verified, firstBad } = verifyEvidence(file)
  if (verified) return
  const where = firstBad === null ? '' : `: entry ${String(firstBad.seq)}: ${firstBad.reason}`
  throw new ProblemError(problem('store.damaged', `the evidence in ${file} does not hold${where}`))
}

// prettier-ignore
const BACK: readonly (readonly [keyof WentBack, string])[] = [
  ['evidenceEntries',   'entries of the evidence are not in it'],
  ['uses',              'uses are counted no longer, and can be made again'],
  ['agreementsLost',    'agreements are not known any more'],
  ['agreementsRevived', 'agreements that had ended are in force again'],
  ['peersRevived',      'peers that were struck off are admitted again'],
  ['tokensRevived',     'management tokens that were revoked count again'],
  ['replayForgotten',   'used tokens of peers are forgotten: they could be used again until they expire (10 minutes)'],
]

function told(
  file: string,
  { madeAt, end }: ReadBackup,
  keptAside: string | null,
  files: readonly string[],
  wentBack: WentBack | null,
): string {
  const back = BACK.filter(([what]) => wentBack !== null && wentBack[what] > 0)
  return [
    `restored ${file}${madeAt === null ? '' : `, made ${madeAt}`}: evidence of ${String(end.seq)} entries verified`,
    ...(files.length === 0 ? [] : [`  written     ${files.join(', ')}`]),
    ...(keptAside === null ? [] : [`  kept aside  ${keptAside}`]),
    'counters and the memory of used tokens went back to that moment; the next start puts it on record:',
    ...(wentBack === null ? ['  how far is not known: there was nothing to compare with'] : []),
    ...(wentBack !== null && back.length === 0
      ? ['  nothing was lost: the backup knows all that the database knew']
      : []),
    ...back.map(([what, means]) => `  ${String(wentBack?.[what] ?? 0).padStart(8)}  ${means}`),
  ].join('\n')
}
