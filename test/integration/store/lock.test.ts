// The lock of a data directory: one holder, and none once the holder is dead.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isDirectoryLocked, lockDirectory } from '../../../src/store/lock.ts'
import { eventually } from '../../fixtures/eventually.ts'

const LOCK = new URL('../../../src/store/lock.ts', import.meta.url).href

let dir: string
let holder: ChildProcess | null
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lingqu-lock-'))
  holder = null
})
afterEach(() => {
  holder?.kill('SIGKILL')
  rmSync(dir, { recursive: true })
})

/** Another process that takes the lock and keeps it. */
async function holdElsewhere(): Promise<ChildProcess> {
  const program = `const { lockDirectory } = await import(${JSON.stringify(LOCK)})
    globalThis.lock = lockDirectory(process.argv[1]); console.log('held'); setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  holder = child
  await once(child.stdout, 'data')
  return child
}

const refusal = expect.objectContaining({
  problem: expect.objectContaining({ code: 'store.in-use' }) as unknown,
}) as Error

test('a second process is refused, and whoever asks learns that it is held', async () => {
  await holdElsewhere()
  expect(isDirectoryLocked(dir)).toBe(true)
  expect(() => lockDirectory(dir)).toThrow(refusal)
})

test('kill -9 of the holder frees it at once', async () => {
  const child = await holdElsewhere()
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone

  expect(isDirectoryLocked(dir)).toBe(false)
  lockDirectory(dir).release()
})

test('the same process cannot take it twice, and can once it was released', () => {
  const lock = lockDirectory(dir)
  expect(() => lockDirectory(dir)).toThrow(refusal)
  lock.release()
  lock.release()
  lockDirectory(dir).release()
})

test('to ask takes nothing: it is free before and after, also where there is no file yet', async () => {
  expect(isDirectoryLocked(dir)).toBe(false)
  lockDirectory(dir).release()
  expect(isDirectoryLocked(dir)).toBe(false)
  await holdElsewhere()
  await eventually('it is held', () => isDirectoryLocked(dir))
})
