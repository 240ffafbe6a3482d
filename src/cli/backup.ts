// `lingqu backup`: one file with everything that a connector knows at one moment, while it runs.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DataPaths } from '../config/data-dir.ts'
import { toIso } from '../kernel/time.ts'
import { makeBackup, type BackupOptions } from '../store/backup.ts'
import { done, type Command } from './outcome.ts'
import { readSettings } from './settings.ts'
import { buildVersion } from './version.ts'

export const backup: Command = async ({ positionals: [named = ''], flag }, io) => {
  const { paths } = await readSettings(io)
  const file = resolve(named)
  const withKeys = flag('with-keys')
  const madeAt = toIso(io.clock())
  const files = withKeys ? keyFiles(paths) : []
  const { seq: entries, hash: head } = makeBackup({
    database: paths.database,
    file,
    madeAt,
    version: buildVersion(),
    files,
  })
  const bytes = statSync(file).size
  const names = files.map(({ name }) => name)
  const keys = withKeys
    ? `with ${names.join(', ')}: whoever has this file can speak as this participant`
    : 'without keys'
  return done(
    { file, bytes, madeAt, entries, head, files: names },
    [`${file}  ${String(bytes)} bytes, ${keys}`, `evidence: ${String(entries)} entries, head ${head}`].join('\n'),
  )
}

/** The keys that sign and the public halves of retired ones, and the key under which credentials are sealed. */
function keyFiles({ keys, masterKey }: DataPaths): BackupOptions['files'] {
  const names = existsSync(keys) ? readdirSync(keys).filter((name) => /^key-\d+(\.retired)?\.json$/.test(name)) : []
  const found = names.map((name) => ({ name: `keys/${name}`, content: readFileSync(join(keys, name)) }))
  return existsSync(masterKey) ? [...found, { name: 'master.key', content: readFileSync(masterKey) }] : found
}
