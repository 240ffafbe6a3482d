// Whether the secrets of the data directory are whole, and read by nobody else.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { allFine, isProblem, type Check, type Patient } from './check.ts'

export function checkKeys({ settings, keys, database }: Patient): Check {
  const { paths } = settings
  if (!existsSync(paths.dir)) return allFine([], `no ${paths.dir} yet: the first start makes it, and the first key`)
  const owner = statSync(paths.dir).uid
  const folders = [paths.dir, paths.keys].filter(existsSync)
  const files = [paths.database, paths.adminToken, paths.masterKey, ...keyFilesIn(paths.keys)].filter(existsSync)
  const found = [
    ...folders.flatMap((folder) => faultsOf(folder, owner, 0o022, '700')),
    ...files.flatMap((file) => faultsOf(file, owner, 0o077, '600')),
    ...(isProblem(keys) ? [`${keys.path ?? ''} ${keys.message}`.trim()] : []),
    ...(!isProblem(keys) && keys.length === 0 && database !== null
      ? [
          `there is a database and no key in ${paths.keys}: the next start would make a new one; restore a backup that was made --with-keys if there is one`,
        ]
      : []),
  ]
  return allFine([...new Set(found)], `${String(files.length)} files, read by their owner only`)
}

function keyFilesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /^key-\d+\.json/.test(name))
    .map((name) => join(folder, name))
}

function faultsOf(path: string, owner: number, forbidden: number, wanted: string): readonly string[] {
  const { mode, uid } = statSync(path)
  return [
    ...((mode & forbidden) === 0
      ? []
      : [`others have access to ${path} (mode ${(mode & 0o777).toString(8)}): chmod ${wanted} ${path}`]),
    ...(uid === owner
      ? []
      : [
          `${path} belongs to user ${String(uid)}, and the data directory to ${String(owner)}: chown ${String(owner)} ${path}`,
        ]),
  ]
}
