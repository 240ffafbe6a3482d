// Everything that the connector is started with, in one call: what `start` runs on and what `check` reports.

import type { Config, Secrets } from './config.ts'
import { derive, type Derived } from './derive.ts'
import type { Environment } from './environment.ts'
import { sortFindings, type Finding } from './finding.ts'
import { readFiles } from './read-files.ts'
import { toConfig, toSecrets } from './to-config.ts'

export type Loaded =
  | { readonly ok: true; readonly config: Config; readonly derived: Derived; readonly secrets: Secrets }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/**
 * Reads the files that the environment names, and gives the whole or every mistake at once.
 * `--config FILE` and `--data DIR` are `LINGQU_CONFIG` and `LINGQU_DATA` put over the environment by the caller.
 */
export async function loadConfig(env: Environment): Promise<Loaded> {
  const raw = await readFiles(env)
  const config = toConfig(raw, env)
  const secrets = toSecrets(raw, env)
  if (config.ok && secrets.ok) {
    return { ok: true, config: config.config, derived: derive(config.config), secrets: secrets.secrets }
  }
  const findings = [...(config.ok ? [] : config.findings), ...(secrets.ok ? [] : secrets.findings)]
  return { ok: false, findings: sortFindings(findings) }
}
