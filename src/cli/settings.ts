// The settings of the connector on this machine, for commands that read its files or call its management API.

import { join, resolve } from 'node:path'
import { findingLine } from '../config/finding.ts'
import { loadConfig, type Loaded } from '../config/load.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { Io } from './outcome.ts'

export type Settings = Extract<Loaded, { ok: true }>

/** Throws `config.invalid` with every mistake. */
export async function readSettings({ env }: Pick<Io, 'env'>): Promise<Settings> {
  const loaded = await loadConfig(env)
  if (loaded.ok) return loaded
  throw new ProblemError(problem('config.invalid', loaded.findings.map(findingLine).join('\n')))
}

/** A file or folder of the data directory. */
export function inDataDir({ config }: Settings, name: string): string {
  return join(resolve(config.dataDir), name)
}
