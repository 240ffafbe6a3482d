// A directory of its own for each test, and the counting of open files.

import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ProblemError } from '../../../src/kernel/problem.ts'

/** A fresh directory that is removed when the test is over. */
export function scratch(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'lingqu-dataplane-')))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** How many descriptors this process holds on the file. */
export function descriptorsOn(path: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => targetOf(descriptor) === path).length
}

function targetOf(descriptor: string): string | null {
  try {
    return readlinkSync(join('/proc/self/fd', descriptor))
  } catch {
    return null // the descriptor of the listing itself is gone by now
  }
}

/** The Problem with which the promise is rejected; fails the test when it is not. */
export async function problemOf(promise: Promise<unknown>): Promise<ProblemError['problem']> {
  const outcome = await promise.then(
    () => 'it was fulfilled',
    (error: unknown) => error,
  )
  if (outcome instanceof ProblemError) return outcome.problem
  throw new Error('expected a ProblemError', { cause: outcome })
}
