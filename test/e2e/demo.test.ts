// The demo as a person starts it: it passes, it notices a story that goes otherwise, and it leaves nothing behind.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../src/kernel/digest.ts'
import { readDemoDataset } from '../../src/cli/demo/dataset.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const HASH = /^[0-9a-f]{64}$/

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-test-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

interface Ended {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Its temporary folder lies in ours, so that we see what it leaves. Settings of somebody's own connector must not matter. */
async function demo(
  options: readonly string[],
  onLine: (said: string, pid: number) => void = () => undefined,
): Promise<Ended> {
  const env = { ...process.env, TMPDIR: folder, LINGQU_PUBLIC__PORT: '1', LINGQU_DATA: join(folder, 'elsewhere') }
  const child = spawn(process.execPath, [MAIN, 'demo', ...options], { env })
  const stdout = text(child.stdout)
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece
    onLine(stderr, child.pid ?? 0)
  })
  const [exit] = (await once(child, 'close')) as [number | null]
  return { exit, stdout: await stdout, stderr }
}

describe('the demo', () => {
  it('comes out as told, and reports what was measured', async () => {
    const dataset = await readDemoDataset()

    const { exit, stdout } = await demo(['--json'])

    expect(exit).toBe(0)
    const report = JSON.parse(stdout) as {
      evidence: { entries: number; logs: readonly { participant: string; entries: number; head: string }[] }
    }
    expect(report).toEqual({
      negotiationMs: expect.any(Number) as unknown,
      firstByteMs: expect.any(Number) as unknown,
      bytes: dataset.bytes.byteLength,
      digest: `sha-256:${sha256Hex(dataset.bytes)}`,
      refusals: [
        {
          step: 'third download',
          status: 403,
          code: 'policy.denied',
          reason: expect.stringContaining('count') as unknown,
          path: 'permission[0].constraint[0]',
        },
        {
          step: 'request of the outsider',
          status: 400,
          code: 'policy.denied',
          reason: expect.stringContaining('TH') as unknown,
          path: expect.stringMatching(/^access\[0\]/) as unknown,
        },
      ],
      evidence: { entries: expect.any(Number) as unknown, verified: true, logs: expect.any(Array) as unknown },
    })
    const { entries, logs } = report.evidence
    expect(logs.map(({ participant }) => participant)).toEqual([
      'Pinglu Canal Logistics',
      'Hai Phong Imports',
      'Laem Chabang Traders',
    ])
    expect(logs.reduce((sum, log) => sum + log.entries, 0)).toBe(entries)
    for (const { head } of logs) expect(head).toMatch(HASH)
    expect(readdirSync(folder)).toEqual([])
  })

  it('tells its story without a secret when no JSON is asked for', async () => {
    const { exit, stdout } = await demo([])

    expect(exit).toBe(0)
    for (const words of ['目录', '协商', 'sea-ports', 'MIT', '403 policy.denied', '证据'])
      expect(stdout).toContain(words)
    expect(stdout).not.toMatch(/bearer|eyJ[\w-]{10}|"authorization"/i)
  })

  it('fails where the offer allows a third download', async () => {
    const { exit, stdout, stderr } = await demo(['--json', '--count', '3'])

    expect(exit).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: 'demo.failed',
        path: 'The third download is refused',
        message: expect.stringContaining('200') as unknown,
      },
    })
    expect(stderr).toContain('Pinglu Canal Logistics, end of its log')
    expect(readdirSync(folder)).toEqual([])
  })

  it('fails where the offer does not allow a second download', async () => {
    const { exit, stdout } = await demo(['--json', '--count', '1'])
    expect(exit).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { path: 'Download 2', message: expect.stringContaining('count') as unknown },
    })
  })

  it('refuses a count that is no number', async () => {
    expect((await demo(['--count', 'two'])).exit).toBe(2)
  })

  it('stops its connectors and cleans up when it is stopped itself', async () => {
    const { exit, stderr } = await demo(['--json'], (said, pid) => {
      if (said.includes('互认') && !said.includes('failed')) process.kill(pid, 'SIGTERM')
    })

    expect(exit).toBe(1)
    expect(stderr).toContain('stopped by SIGTERM')
    expect(stderr).toContain('"event":"connector.stopping"')
    expect(readdirSync(folder)).toEqual([])
  })
})
