// Reading the configuration from real files.

import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findingLine } from '../../../src/config/finding.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { readFiles } from '../../../src/config/read-files.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lingqu-config-'))
})
afterEach(async () => {
  await chmod(dir, 0o700)
  await rm(dir, { recursive: true })
})

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(dir, name)
  await writeFile(path, content)
  return path
}

describe('loadConfig', () => {
  test('gives configuration, what follows from it, and secrets from the files that the environment names', async () => {
    const LINGQU_CONFIG = await file('c.yaml', 'public: { url: "http://localhost:9000", port: 9000 }\n')
    const LINGQU_MASTER_KEY_FILE = await file('key', `${'ab'.repeat(32)}\n`)
    const LINGQU_IDENTITY__STATICTOKENS_FILE = await file(
      'tokens',
      '[{"participant":"b","inbound":"in","outbound":"out"}]',
    )

    const loaded = await loadConfig({ LINGQU_CONFIG, LINGQU_MASTER_KEY_FILE, LINGQU_IDENTITY__STATICTOKENS_FILE })

    expect(loaded).toMatchObject({
      ok: true,
      config: { public: { port: 9000 } },
      derived: { loopback: true, did: 'did:web:localhost%3A9000' },
      secrets: {
        masterKey: new Uint8Array(32).fill(0xab),
        staticTokens: [{ participant: 'b', inbound: 'in', outbound: 'out' }],
      },
    })
  })

  test('tells every mistake at once, each with its own file', async () => {
    const LINGQU_CONFIG = await file('c.yaml', 'public:\n  prot: 9000\n')
    const LINGQU_MASTER_KEY_FILE = join(dir, 'nowhere')
    const LINGQU_IDENTITY__STATICTOKENS_FILE = await file('tokens', '[{"participant":"b","inbound":"in"}]')

    const loaded = await loadConfig({ LINGQU_CONFIG, LINGQU_MASTER_KEY_FILE, LINGQU_IDENTITY__STATICTOKENS_FILE })

    const lines = loaded.ok ? [] : loaded.findings.map(findingLine)
    expect(lines.map((line) => line.replaceAll(`${dir}/`, ''))).toEqual([
      'c.yaml:2:3 config.unknown-key: public.prot: unknown setting (did you mean port?)',
      'nowhere config.file: cannot be read: there is no such file',
      'tokens:1:2 config.missing: identity.staticTokens.0: outbound is missing',
    ])
  })
})

describe('readFiles', () => {
  test('says why a file cannot be read, and never throws', async () => {
    await mkdir(join(dir, 'folder'))
    const latin1 = await file('latin1', Uint8Array.of(0x61, 0xe9))
    const long = await file('long', '#'.repeat(1_048_577))

    const failureOf = async (path: string) => {
      const { config } = await readFiles({ LINGQU_CONFIG: path })
      return 'failure' in config ? config.failure : 'none'
    }

    expect(await failureOf(join(dir, 'nowhere'))).toBe('there is no such file')
    expect(await failureOf(join(dir, 'folder'))).toBe('expected a file, got a directory')
    expect(await failureOf(latin1)).toBe('expected UTF-8, got other bytes')
    expect(await failureOf(long)).toBe('expected at most 1048576 bytes, got 1048577')
  })

  test('reads config/connector.yaml when the environment names none', async () => {
    const { config, secrets } = await readFiles({})
    expect(config).toMatchObject({ file: 'config/connector.yaml', text: expect.stringContaining('8181') as unknown })
    expect(secrets).toEqual({})
  })
})
