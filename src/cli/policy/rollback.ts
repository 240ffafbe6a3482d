// `lingqu policy rollback N`: puts an earlier generation of the policy files in force again, until the files change.

import { isMistake } from '../../config/finding.ts'
import { unpackFiles } from '../../config/policies/generation-content.ts'
import { failedTests } from '../../config/policies/try-tests.ts'
import { keepGeneration } from '../../domain/generations/keep-generation.ts'
import { generationsIn, keptGeneration, notTakenBack } from '../../shell/kept-policies.ts'
import { createReadPolicySet } from '../../shell/read-policy-set.ts'
import { readFolder } from '../../shell/stage-policies.ts'
import { isDirectoryLocked, lockDirectory } from '../../store/lock.ts'
import { BY_COMMAND, withStore } from '../ledger.ts'
import { openManagement } from '../management.ts'
import { done, UsageError, type Command, type Io } from '../outcome.ts'
import { readSettings, type Settings } from '../settings.ts'
import { readPolicies } from './generations.ts'
import { told } from './status.ts'

/** A connector that runs is asked to do it; else it is done in the database, and holds from the next start on. */
export const rollback: Command = async ({ positionals: [word = ''] }, io) => {
  const generation = /^[1-9]\d{0,14}$/.test(word) ? Number(word) : null
  if (generation === null)
    throw new UsageError(`expected the number of a generation, got ${word}`, 'see `policy status`')
  const settings = await readSettings(io)
  if (isDirectoryLocked(settings.paths.dir)) {
    await (await openManagement(io)).post('/policies/rollback', { generation })
  } else await rollbackOnFiles(settings, generation, io)
  const seen = await readPolicies(io)
  return done(seen, told(seen))
}

async function rollbackOnFiles(settings: Settings, generation: number, io: Io): Promise<void> {
  const { paths, config, derived } = settings
  const lock = lockDirectory(paths.dir)
  try {
    await withStore(settings, io, async (store) => {
      const { digest, packed } = keptGeneration(store.reader, generation)
      if (generationsIn(store.reader).some((row) => row.state === 'active' && row.digest === digest)) return
      const files = await unpackFiles(packed, digest)
      const pause = (): Promise<void> => Promise.resolve()
      const { offers, findings, whole } = await createReadPolicySet({ pause, claims: config.participant.claims })(files)
      const read = findings.filter(isMistake)
      const mistakes = read.length > 0 || whole === undefined ? read : failedTests(whole)
      if (mistakes.length > 0) throw notTakenBack(generation, mistakes)
      const reading = {
        ...{ digest, packed, backTo: generation, files: files.length, findings: [] },
        folderDigest: (await readFolder(config.policiesDir)).digest,
        at: io.clock(),
        by: BY_COMMAND,
        told: { offers: offers.length },
      }
      await store.transact(generationsIn, (rows) => keepGeneration(rows, derived.did, reading))
    })
  } finally {
    lock.release()
  }
}
