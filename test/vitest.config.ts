// One vitest project a folder, so that `vitest --project unit` is the inner loop; `faults` runs only when it is named.

import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))

// Continuous integration sums these; a person at a terminal has no use for them.
const report = process.env['TEST_REPORT']

interface Folder {
  readonly name: string
  readonly pool: 'threads' | 'forks'
  readonly testTimeout: number
}

// Native code (better-sqlite3) and child processes want a process of their own; pure code is quicker in threads.
// prettier-ignore
const FOLDERS: readonly Folder[] = [
  { name: 'unit',         pool: 'threads', testTimeout:   5_000 },
  { name: 'property',     pool: 'threads', testTimeout:  60_000 },
  { name: 'integration',  pool: 'forks',   testTimeout:  20_000 },
  { name: 'conformance',  pool: 'forks',   testTimeout:  60_000 },
  { name: 'architecture', pool: 'threads', testTimeout:  20_000 },
  { name: 'e2e',          pool: 'forks',   testTimeout: 120_000 },
  { name: 'attacks',      pool: 'forks',   testTimeout: 120_000 },
  { name: 'simulate',     pool: 'threads', testTimeout: 120_000 },
  { name: 'faults',       pool: 'forks',   testTimeout: 600_000 },
]

export default defineConfig({
  root,
  test: {
    // `.only` fails everywhere, not just where the environment says CI: a forgotten one hides every other test of its file.
    allowOnly: false,
    passWithNoTests: true,
    // Much of the time goes into waiting for processes and sockets: one worker a core leaves none idle.
    maxWorkers: Math.max(2, availableParallelism()),
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: FOLDERS.map(({ name, pool, testTimeout }) => ({
      root,
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        pool,
        testTimeout,
        hookTimeout: testTimeout,
        allowOnly: false,
        globals: false,
      },
    })),
  },
})
