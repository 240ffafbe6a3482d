// What lies in the data directory, by its names.

import { join, resolve } from 'node:path'

export interface DataPaths {
  readonly dir: string
  readonly database: string
  /** A folder. */
  readonly keys: string
  readonly masterKey: string
  readonly adminToken: string
}

/** Absolute paths, from the setting `dataDir`. */
export function dataPaths(dataDir: string): DataPaths {
  const dir = resolve(dataDir)
  const path = (name: string): string => join(dir, name)
  return {
    dir,
    database: path('connector.db'),
    keys: path('keys'),
    masterKey: path('master.key'),
    adminToken: path('admin.token'),
  }
}
