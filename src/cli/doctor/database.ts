// Whether the database is whole, of a schema that this build can use, and its newest evidence hangs together.

import { tailFault } from '../../domain/evidence/tail.ts'
import { allFine, fine, isProblem, trouble, type Check, type Patient } from './check.ts'

/** Entries that are recomputed; `evidence verify` recomputes all of them. */
export const TAIL_MAX = 10_000

const RESTORE = 'stop the connector, keep a copy of the data directory, and `lingqu restore` the newest backup'

export function checkDatabase({ database }: Pick<Patient, 'database'>): Check {
  if (database === null) return fine('none yet: the first start makes it')
  if (isProblem(database)) return trouble(`${database.message}: ${RESTORE}`)
  const { faults, unknown, missing, tail, schema } = database
  const evidence = tailFault(tail)
  const found = [
    ...faults.map((fault) => `${fault}: ${RESTORE}`),
    ...(unknown.length === 0
      ? []
      : [
          `a newer build has written it (${unknown.join(', ')}): install that build again, or put back the copy that it kept as connector.db.before-…`,
        ]),
    ...(evidence === null
      ? []
      : [
          `entry ${String(evidence.seq)} of the evidence does not hold: ${evidence.reason}; \`lingqu evidence verify\` says more, and a backup shows what was there`,
        ]),
  ]
  const waiting =
    missing.length === 0 ? '' : `; the next start applies ${missing.join(', ')} and keeps a copy from before`
  return allFine(
    found,
    `whole, schema ${String(schema)}, the last ${String(tail.length)} entries of the evidence hold${waiting}`,
  )
}
