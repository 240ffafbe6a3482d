// The program that measures runs from end to end, on next to nothing: its shape is checked, no time is.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'

const MAIN = fileURLToPath(new URL('../bench/main.ts', import.meta.url))
const CACHE = fileURLToPath(new URL('../../.cache/node', import.meta.url))

/** The members that other programs read. */
// prettier-ignore
const SHAPE = {
  negotiation: ['p50Ms', 'p99Ms', 'perSecond', 'floorPerSecond', 'ratio'],
  firstByte:   ['p50Ms', 'directP50Ms'],
  throughput:  ['mibPerSecond', 'hashingProxyMibPerSecond', 'ratio', 'bareProxyRatio', 'rssGrowthMib'],
  catalog:     ['pageP50Ms', 'pageP99Ms', 'datasets', 'offers'],
  policy:      ['perSecond'],
  start:       ['warmMs', 'firstMs', 'idleRssMib', 'idleCpuPercent'],
}

/** Seconds on a machine of its own; a minute where others are at work. */
const TIMEOUT_MS = 300_000

let scratch = ''
const groups: number[] = []

beforeEach(() => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'lingqu-bench-test-')))
})

afterEach(() => {
  for (const group of groups.splice(0)) if (!isGone(group)) process.kill(-group, 'SIGKILL')
  rmSync(scratch, { recursive: true, force: true })
})

/** A process group of its own, so that it can be seen whether anything of it is left. */
function bench(...args: readonly string[]): ChildProcess & { readonly group: number } {
  const child = spawn(process.execPath, [MAIN, '--quick', ...args], {
    env: { PATH: process.env['PATH'], TMPDIR: scratch, NODE_COMPILE_CACHE: CACHE },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const { pid: group = 0 } = child
  groups.push(group)
  return Object.assign(child, { group })
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = ''
  for await (const piece of stream?.setEncoding('utf8') ?? []) text += String(piece)
  return text
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

function isGone(group: number): boolean {
  try {
    process.kill(-group, 0)
    return false
  } catch {
    return true
  }
}

test(
  'the whole of it gives one object with every pinned figure as a number, and leaves nothing behind',
  async () => {
    const child = bench('--json')
    const [stdout, stderr, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), exitOf(child)])

    expect({ code, stderr }).toMatchObject({ code: 0 })
    const found = JSON.parse(stdout) as Record<string, Record<string, unknown>>
    expect(found['machine']).toMatchObject({ cores: expect.any(Number) as number })
    const wrong = Object.entries(SHAPE).flatMap(([part, members]) =>
      members.filter((member) => typeof found[part]?.[member] !== 'number').map((member) => `${part}.${member}`),
    )
    expect(wrong).toEqual([])
    expect(readdirSync(scratch)).toEqual([])
    await eventually('its processes are gone', () => isGone(child.group))
  },
  TIMEOUT_MS,
)

test('an interrupted run takes its processes and its folder with it', async () => {
  const child = bench('--only', 'negotiation')
  const exited = exitOf(child)
  await once(child.stderr ?? child, 'data')
  expect(readdirSync(scratch)).toHaveLength(1)

  child.kill('SIGTERM')

  expect(await exited).toBe(130)
  expect(readdirSync(scratch)).toEqual([])
  await eventually('its processes are gone', () => isGone(child.group))
})

test('a part that does not exist is wrong usage', async () => {
  const child = bench('--only', 'negotiations')
  const [stderr, code] = await Promise.all([textOf(child.stderr), exitOf(child)])
  expect(code).toBe(2)
  expect(stderr).toContain('no such part: negotiations')
})
