// The database for commands that work on the files: beside a connector that may be running, and of this build's schema.

import type { Store } from '../domain/ledger.ts'
import { openStore } from '../store/sqlite.ts'
import type { Io } from './outcome.ts'
import type { Settings } from './settings.ts'

/** Stands in evidence for whoever has the files: no management token can have this name. */
export const BY_COMMAND = '(command line)'

const PAGES_PER_MIB = 256

/** Opens it for `use` and closes it. Throws `store.unavailable` where there is none yet, or where it waits for a migration. */
export async function withStore<T>(
  { paths, config, derived }: Settings,
  { clock, randomBytes }: Io,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const store = openStore({
    file: paths.database,
    now: clock(),
    origin: derived.did,
    nonce: () => Buffer.from(randomBytes(16)).toString('hex'),
    pagesMax: config.limits.databaseMibMax * PAGES_PER_MIB,
    asItIs: true,
  })
  try {
    return await use(store)
  } finally {
    store.close()
  }
}
