// Every command `lingqu policy …`, one row each, as in the table of all commands, of which these are a part.

import { row, type CommandRow } from '../command-row.ts'

// prettier-ignore
export const POLICY_COMMANDS: readonly CommandRow[] = [
  row('policy status',          [],                  {},                         'the policies in force, and what was refused since',   async () => (await import('./status.ts')).status),
  row('policy rollback',        ['generation'],      {},                         'puts an earlier generation in force, until the files change', async () => (await import('./rollback.ts')).rollback),
]
