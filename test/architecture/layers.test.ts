// The layering rules bite: each is shown an import that it must refuse, and one that it must let pass.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

// prettier-ignore
const REFUSED = [
  // rule                      file                        imports
  ['kernel-points-left',       'src/kernel/a.ts',          '../protocol/plain.ts'],
  ['protocol-points-left',     'src/protocol/a.ts',        '../domain/plain.ts'],
  ['domain-points-left',       'src/domain/a.ts',          '../store/plain.ts'],
  ['config-points-left',       'src/config/a.ts',          '../shell/plain.ts'],
  ['shell-points-left',        'src/shell/a.ts',           '../http/plain.ts'],
  ['cli-points-left',          'src/cli/a.ts',             '../app.ts'],
  ['http-points-left',         'src/http/c.ts',            '../app/plain.ts'],
  ['store-never-sideways',     'src/store/a.ts',           '../wire/plain.ts'],
  ['trust-never-sideways',     'src/trust/a.ts',           '../wire/plain.ts'],
  ['dataplane-never-sideways', 'src/dataplane/a.ts',       '../store/plain.ts'],
  ['http-never-sideways',      'src/http/a.ts',            '../cli/plain.ts'],
  ['pure-core',                'src/kernel/b.ts',          'node:fs'],
  ['pure-core',                'src/protocol/b.ts',        'node:http'],
  ['pure-core',                'src/domain/b.ts',          'node:timers/promises'],
  ['home-of-better-sqlite3',   'src/shell/b.ts',           'better-sqlite3'],
  ['home-of-undici',           'src/trust/b.ts',           'undici'],
  ['home-of-jose',             'src/wire/b.ts',            'jose'],
  ['home-of-express',          'src/dataplane/b.ts',       'express'],
  ['home-of-ajv',              'src/domain/c.ts',          'ajv'],
  ['home-of-pino',             'src/config/b.ts',          'pino'],
  ['home-of-yaml',             'src/cli/b.ts',             'yaml'],
  ['independent-verifier',     'src/cli/evidence-verify.ts', '../kernel/plain.ts'],
  ['console-stands-alone',     'src/console/a.ts',         '../kernel/plain.ts'],
  ['nothing-imports-console',  'src/http/b.ts',            '../console/plain.ts'],
  ['every-file-in-a-layer',    'src/elsewhere/a.ts',       '../kernel/plain.ts'],
  ['nothing-for-development',  'src/shell/c.ts',           'fast-check'],
  ['nothing-undeclared',       'src/shell/d.ts',           'depd'],
  ['nothing-unresolvable',     'src/shell/e.ts',           './nowhere.ts'],
  ['no-tests-in-src',          'src/shell/f.ts',           '../../test/plain.ts'],
  ['no-circles',               'src/domain/d.ts',          './d2.ts'],
] as const

// prettier-ignore
const ALLOWED = [
  ['src/protocol/ok.ts',  '../kernel/plain.ts'],
  ['src/domain/ok.ts',    'node:crypto'],
  ['src/domain/ok2.ts',   'node:assert/strict'],
  ['src/domain/ok3.ts',   '../domain/plain.ts'],
  ['src/store/ok.ts',     'better-sqlite3'],
  ['src/wire/ok.ts',      'undici'],
  ['src/trust/ok.ts',     'jose'],
  ['src/config/ok.ts',    'yaml'],
  ['src/config/ok2.ts',   'ajv'],
  ['src/protocol/ok2.ts', 'ajv'],
  ['src/http/ok.ts',      '../shell/plain.ts'],
  ['src/http/ok2.ts',     'express'],
  ['src/telemetry/ok.ts', 'pino'],
  ['src/app.ts',          './app/plain.ts'],
  ['src/app/ok.ts',       '../http/plain.ts'],
  ['src/main.ts',         './app.ts'],
] as const

interface Violation {
  readonly from: string
  readonly rule: { readonly name: string }
}

let dir = ''
let violations: readonly Violation[] = []

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), text)
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'lingqu-layers-'))
  for (const name of ['node_modules', 'package.json', 'tsconfig.json']) symlinkSync(join(root, name), join(dir, name))
  for (const [, path, to] of REFUSED) plant(path, `export * from '${to}'\n`)
  for (const [path, to] of ALLOWED) plant(path, `import type {} from '${to}'\nexport * from '${to}'\n`)
  const targets = [
    ...REFUSED.map(([, path, to]) => join(dirname(path), to)),
    ...ALLOWED.map(([path, to]) => join(dirname(path), to)),
  ]
  for (const path of targets.filter((target) => target.endsWith('plain.ts'))) plant(path, 'export const plain = 1\n')
  plant('src/domain/d2.ts', "export * from './d.ts'\n")

  const cruiser = join(root, 'node_modules/.bin/depcruise')
  const rules = join(root, 'test/architecture/dependency-cruiser.mjs')
  const output = execFileSync(process.execPath, [cruiser, '--config', rules, '--output-type', 'json', 'src'], {
    cwd: dir,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  violations = (JSON.parse(output) as { readonly summary: { readonly violations: readonly Violation[] } }).summary
    .violations
}, 60_000)

afterAll(() => {
  rmSync(dir, { recursive: true })
})

test.each(REFUSED)('%s refuses %s → %s', (rule, path) => {
  expect(violations.filter(({ from }) => from === path).map(({ rule: { name } }) => name)).toContain(rule)
})

test.each(ALLOWED)('%s may import %s', (path) => {
  expect(violations.filter(({ from }) => from === path).map(({ rule: { name } }) => name)).toEqual([])
})
