// The settings of the connector on this machine, for commands that read its files or call its management API.

import { dataPaths, type DataPaths } from '../config/data-dir.ts'
import { findingLine } from '../config/finding.ts'
import { loadConfig, type Loaded } from '../config/load.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { Io } from './outcome.ts'

export type Settings = Extract<Loaded, { ok: true }> & { readonly paths: DataPaths }

/** Throws `config.invalid` with every mistake. */
export async function readSettings({ env }: Pick<Io, 'env'>): Promise<Settings> {
  const loaded = await loadConfig(env)
  if (loaded.ok) return { ...loaded, paths: dataPaths(loaded.config.dataDir) }
  throw new ProblemError(problem('config.invalid', loaded.findings.map(findingLine).join('\n')))
}
