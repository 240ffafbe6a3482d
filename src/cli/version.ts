// `lingqu version`: which build this is, and what it runs on.

import { readFileSync } from 'node:fs'
import { readMigrations } from '../store/migrate.ts'
import { done, type Command } from './outcome.ts'

export const version: Command = async () => {
  const build = buildVersion()
  const schema = readMigrations().at(-1)?.number ?? 0
  const node = process.version
  return done(
    { version: build, node, schema },
    `Lingqu 灵渠 ${build} · Node ${node} · database schema ${String(schema)}`,
  )
}

export function buildVersion(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(file) as { version: string }).version
}
