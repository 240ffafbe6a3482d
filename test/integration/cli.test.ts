// Commands that work on files alone: what they print, and with which code they end.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { instant } from '../../src/kernel/time.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { openKeys } from '../../src/trust/keys.ts'
import { eventually } from '../fixtures/eventually.ts'
import { freePorts } from '../fixtures/ports.ts'
import { lingqu } from './cli-line.ts'

const NOW = instant(1_767_225_600_000)

let folder: string
let config: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'))
  config = join(folder, 'connector.yaml')
  mkdirSync(join(folder, 'policies', 'offers'), { recursive: true })
  writeSettings('')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function writeSettings(more: string): void {
  const folders = `dataDir: ${join(folder, 'data')}\npoliciesDir: ${join(folder, 'policies')}\n`
  writeFileSync(config, `participant: { name: { en: Test } }\n${folders}${more}`)
}

describe('check', () => {
  it('finds nothing in settings and policies that are in order', async () => {
    const { exit, json } = await lingqu(['check', '--json', '--config', config])
    expect({ exit, json: json() }).toEqual({ exit: 0, json: { findings: [] } })
  })

  it('tells the mistakes of settings and policies at once, each with its place', async () => {
    writeSettings('pulbic: { port: 1 }\nmanagement: { port: none }\n')
    const offer = join(folder, 'policies', 'offers', 'a.yaml')
    writeFileSync(offer, 'offer: a\ndatasets: [x]\npermision:\n  - action: use\n')

    const { exit, stdout } = await lingqu(['check', '--config', config])

    expect(exit).toBe(1)
    const text = stdout.toString()
    expect(text).toContain(`${config}:4:1 config.unknown-key`)
    expect(text).toContain(`${config}:5:21 `)
    const { findings } = (await lingqu(['check', '--json', '--config', config])).json()
    expect(findings).toHaveLength(text.trimEnd().split('\n').length)
    expect(text).toMatch(new RegExp(`${offer}:3:1 unknown-key`))
  })

  it('gives the findings as JSON with all members, whether or not there is a hint', async () => {
    writeSettings('management: { port: none }\n')

    const { exit, json } = await lingqu(['check', '--json', '--config', config])

    expect(exit).toBe(1)
    const [finding] = json()['findings'] as readonly object[]
    expect(Object.keys(finding ?? {}).toSorted()).toEqual(['code', 'column', 'file', 'hint', 'line', 'message'])
  })

  it('tells which tests of the policies fail, because a start would be refused for them', async () => {
    writeFileSync(
      join(folder, 'policies', 'offers', 'a.yaml'),
      'offer: a\ndatasets: [x]\npermission: [{ action: use }]\n',
    )
    mkdirSync(join(folder, 'policies', 'tests'))
    const tests = join(folder, 'policies', 'tests', 'a.test.yaml')
    writeFileSync(tests, 'offer: a\ncases:\n  - { name: nobody, phase: negotiation, expect: deny }\n')

    const { exit, stdout } = await lingqu(['check', '--config', config])

    expect(exit).toBe(1)
    expect(stdout.toString()).toContain(
      `${tests}:3:5 test-failed: the case "nobody" of the offer \`a\`: expected deny, came permit`,
    )
  })

  it('names the folder of policies that is not there', async () => {
    rmSync(join(folder, 'policies'), { recursive: true })
    expect((await lingqu(['check', '--config', config])).stdout.toString()).toContain('cannot be read')
  })
})

describe('evidence verify', () => {
  /** A database with a log of so many entries; gives its last hash. */
  async function writeLog(entries: number): Promise<string> {
    const file = join(folder, 'connector.db')
    const nonce = (): string => 'a'.repeat(32)
    const store = openStore({ file, now: NOW, origin: 'test', nonce, pagesMax: 0 })
    for (let count = 0; count < entries; count++) {
      await store.transact(
        () => null,
        () => ({
          write: [{ append: 'evidence', entry: { type: 'connector.started', at: NOW, actor: 'test', ext: { count } } }],
          result: null,
        }),
      )
    }
    const { hash } = store.reader.evidenceHead()
    store.close()
    return hash
  }

  it('verifies a copy of the database on its own, without settings', async () => {
    const head = await writeLog(5)
    const copy = join(folder, 'copy.db')
    copyFileSync(join(folder, 'connector.db'), copy)

    const { exit, json } = await lingqu(['evidence', 'verify', '--json', '--file', copy, '--expect-head', head])

    expect({ exit, json: json() }).toEqual({
      exit: 0,
      json: { verified: true, entries: 5, head, firstBad: null, notes: [] },
    })
  })

  it('takes the database of a data directory that is named, or of the settings', async () => {
    await writeLog(2)
    writeFileSync(config, `participant: { name: { en: Test } }\ndataDir: ${folder}\n`)

    for (const words of [
      ['--data', folder],
      ['--config', config],
    ]) {
      const { exit, stdout } = await lingqu(['evidence', 'verify', ...words])
      expect({ exit, text: stdout.toString() }).toEqual({
        exit: 0,
        text: expect.stringMatching(/^verified: /) as unknown,
      })
    }
  })

  it('ends with 1 and the first bad entry when one was changed', async () => {
    await writeLog(5)
    const db = new DatabaseSync(join(folder, 'connector.db'))
    for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()) {
      db.exec(`DROP TRIGGER IF EXISTS ${String(name)}`)
    }
    db.exec(`UPDATE evidence SET envelope = replace(envelope, '"count":2', '"count":7') WHERE seq = 3`)
    db.close()

    const { exit, json } = await lingqu(['evidence', 'verify', '--json', '--data', folder])

    expect(exit).toBe(1)
    expect(json()).toMatchObject({ verified: false, entries: 2, firstBad: { seq: 3 } })
  })

  it('ends with 1 when the newest entries were cut off, if a head is expected', async () => {
    await writeLog(2)
    const { exit } = await lingqu(['evidence', 'verify', '--data', folder, '--expect-head', 'ab'.repeat(32)])
    expect(exit).toBe(1)
  })

  it('refuses a head that is no hash as wrong usage', async () => {
    expect((await lingqu(['evidence', 'verify', '--expect-head', 'abc'])).exit).toBe(2)
  })
})

describe('identity show', () => {
  it('shows the DID and the public keys, the one that signs marked, and no private member', async () => {
    await openKeys(join(folder, 'data', 'keys'), { algorithm: 'ES256', now: NOW })
    const secret = (
      JSON.parse(readFileSync(join(folder, 'data', 'keys', 'key-1.json'), 'utf8')) as { privateJwk: { d: string } }
    ).privateJwk.d

    const { exit, json, stdout } = await lingqu(['identity', 'show', '--json', '--config', config])

    expect(exit).toBe(0)
    expect(json()).toMatchObject({
      did: 'did:web:localhost%3A8181',
      keys: [{ id: 'key-1', alg: 'ES256', isCurrent: true, publicJwk: { kty: 'EC' } }],
    })
    expect(stdout.toString()).not.toContain(secret)
  })

  it('makes no key where there is none', async () => {
    const { exit, json } = await lingqu(['identity', 'show', '--json', '--config', config])
    expect({ exit, keys: json()['keys'] }).toEqual({ exit: 0, keys: [] })
  })

  it('does not repeat the text of a key file that is broken', async () => {
    mkdirSync(join(folder, 'data', 'keys'), { recursive: true })
    writeFileSync(join(folder, 'data', 'keys', 'key-1.json'), '{"privateJwk":{"d":"geheim"', { mode: 0o600 })

    const { exit, stderr } = await lingqu(['identity', 'show', '--config', config])

    expect(exit).toBe(1)
    expect(stderr).toContain('does not hold a working key')
    expect(stderr).not.toContain('geheim')
  })
})

describe('every command of the table', () => {
  // `start` runs until it is stopped and has no result; the demo is played whole in test/e2e.
  const rows = COMMANDS.filter(({ name }) => name !== 'start' && name !== 'demo')

  it.each(rows)('`$name --json` puts one JSON object on stdout and nothing else, also when it fails', async (row) => {
    writeSettings('management: { port: 1 }\n')
    const words = [
      ...row.name.split(' '),
      ...row.positionals.map((name) => join(folder, name)),
      '--json',
      '--config',
      config,
    ]

    const { exit, stdout, json } = await lingqu(words)

    expect([0, 1, 2, 3]).toContain(exit)
    expect(stdout.toString().trimEnd().split('\n')).toHaveLength(1)
    expect(json()).toBeTypeOf('object')
    if (exit !== 0)
      expect(json()).toSatisfy((printed: object) => 'error' in printed || 'verified' in printed || 'checks' in printed)
  })
})

describe('every failure', () => {
  it('is one JSON object on stdout with --json, and a sentence on stderr', async () => {
    const { exit, json, stderr } = await lingqu(['peers', 'list', '--json', '--config', join(folder, 'none.yaml')])

    expect(exit).toBe(1)
    expect(json()).toMatchObject({
      error: { code: 'config.invalid', message: expect.stringContaining('no such file') as unknown },
    })
    expect(stderr).toContain('config.invalid')
  })

  it('of usage ends with 2', async () => {
    const { exit, stdout, json } = await lingqu(['peers', 'add', 'Hanoi', '--json'])
    expect({ exit, error: json()['error'], lines: stdout.toString().trimEnd().split('\n').length }).toEqual({
      exit: 2,
      error: { code: 'usage', message: '`peers add` needs <did>', path: null },
      lines: 1,
    })
  })

  it.each([
    ['peers', 'list'],
    ['datasets', 'list'],
    ['connect', 'did:web:a.example', 'urn:d'],
    ['negotiations', 'list'],
    ['transfers', 'show', 'urn:t'],
  ])('to reach a connector that was never started ends with 3, and says what to start: %s %s', async (...words) => {
    const { exit, stderr } = await lingqu([...words, '--config', config])
    expect(exit).toBe(3)
    expect(stderr).toContain('npm run -s lingqu -- start')
  })

  it('to reach a connector that does not run ends with 3', async () => {
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data', 'admin.token'), 'token\n')
    // Port 1 is nobody's.
    writeSettings('management: { port: 1 }\n')

    const { exit, stderr } = await lingqu(['peers', 'list', '--config', config])

    expect(exit).toBe(3)
    expect(stderr).toContain('no connector answers at http://127.0.0.1:1/api/v1')
  })
})

describe('the process', () => {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

  it('prints the result on stdout', () => {
    const printed = execFileSync(process.execPath, [main, 'version', '--json'], { encoding: 'utf8' })
    expect(JSON.parse(printed)).toMatchObject({ node: process.version, schema: expect.any(Number) as unknown })
  })

  it('of `start` runs the connector until it is asked to stop, and ends when that has ended', async () => {
    const [port = 0, management = 0] = await freePorts(2)
    writeSettings(`public: { url: 'http://localhost:${port}', port: ${port} }\nmanagement: { port: ${management} }\n`)
    const child = spawn(process.execPath, [main, 'start', '--config', config], { stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = once(child, 'exit')
    const ready = (): Promise<number> => fetch(`http://127.0.0.1:${port}/readyz`).then(({ status }) => status)
    await eventually('ready', async () => (await ready()) === 200)

    child.kill('SIGTERM')

    expect(await ended).toEqual([0, null])
    await expect(ready()).rejects.toThrow('fetch failed')
  })

  it('of `start` ends with 1 where the settings have mistakes', async () => {
    writeSettings('management: { port: none }\n')
    const child = spawn(process.execPath, [main, 'start', '--config', config], { stdio: 'ignore' })
    expect(await once(child, 'exit')).toEqual([1, null])
  })

  it('ends with the exit code, and says why on stderr only', () => {
    const broken = { status: 2, stdout: '', stderr: expect.stringContaining('did you mean `version`?') as unknown }
    expect(() => execFileSync(process.execPath, [main, 'vresion'], { encoding: 'utf8', stdio: 'pipe' })).toThrow(
      expect.objectContaining(broken),
    )
  })
})
