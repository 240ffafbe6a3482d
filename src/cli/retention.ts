// `lingqu retention run`: removes now what is over and was kept long enough, as the connector does once a day.

import { columns } from './columns.ts'
import { openManagement } from './management.ts'
import { done, type Command } from './outcome.ts'

export const runRetention: Command = async (_invocation, io) => {
  const management = await openManagement(io)
  const run = await management.post<{ at: string; removed: Readonly<Record<string, number>> }>('/retention/run')
  const rows = Object.entries(run.removed).map(([table, count]) => [table, String(count)])
  return done(run, columns(rows, 'nothing is over that long; see `retention` in the settings'))
}
