// Raw files as `readFiles` would hand them over, from texts.

import type { Environment } from '../../../src/config/environment.ts'
import type { Finding } from '../../../src/config/finding.ts'
import type { RawFiles } from '../../../src/config/read-files.ts'
import { toConfig } from '../../../src/config/to-config.ts'

export const FILE = 'connector.yaml'

export function rawFiles(text: string, secrets: Readonly<Record<string, string>> = {}): RawFiles {
  const entries = Object.entries(secrets).map(([variable, content]) => [
    variable,
    { file: 'secret.txt', text: content },
  ])
  return { config: { file: FILE, text }, secrets: Object.fromEntries(entries) as RawFiles['secrets'] }
}

/** The findings of a text and an environment; empty when they are good. */
export function findingsOf(text: string, env: Environment = {}): readonly Finding[] {
  const read = toConfig(rawFiles(text), env)
  return read.ok ? [] : read.findings
}
