// Whether the policies that are in force are those that lie in the folder.

import { instant, toIso } from '../../kernel/time.ts'
import { readFolder } from '../../shell/stage-policies.ts'
import { fine, isProblem, trouble, type Check, type Patient } from './check.ts'

const MEND = 'mend the files (`lingqu check` lists the mistakes), or go back with `lingqu policy rollback`'

export async function checkPolicies({ settings, database, isRunning }: Patient): Promise<Check> {
  const generations = database === null || isProblem(database) ? [] : database.policies
  const active = generations.find(({ state }) => state === 'active')
  if (active === undefined) return fine('none were in force yet: the first start reads them')

  const { digest } = await readFolder(settings.config.policiesDir)
  const since = `generation ${String(active.number)} of ${toIso(instant(active.at))}`
  if (digest === active.digest) return fine(`${since} is in force, and lies in the folder`)
  if (digest === active.folderDigest) return fine(`${since} is in force: somebody went back to it`)
  const last = generations.find((each) => each.digest === digest)
  if (last?.state === 'refused')
    return trouble(`what lies in the folder was refused, and ${since} is in force: ${MEND}`)
  if (isRunning)
    return trouble(`the files have changed and were not read yet; ${since} is in force: ask again in a second`)
  return fine(`the files have changed since ${since}: the next start reads them`)
}
