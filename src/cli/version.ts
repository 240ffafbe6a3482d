// `lingqu version`: which build this is, and what it runs on.

import { readFileSync } from 'node:fs'
import { readMigrations } from '../store/migrate.ts'
import { done, type Command } from './outcome.ts'

export const version: Command = async () => {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version: build } = JSON.parse(file) as { version: string }
  const schema = readMigrations().at(-1)?.number ?? 0
  const node = process.version
  return done(
    { version: build, node, schema },
    `Lingqu 灵渠 ${build} · Node ${node} · database schema ${String(schema)}`,
  )
}
