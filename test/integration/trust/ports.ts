// An identity with everything around it in memory: a clock that is set, and peers that answer from a table.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { HttpCall } from '../../../src/kernel/http-call.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { later } from '../../../src/kernel/time.ts'
import type { Instant } from '../../../src/kernel/time.ts'
import { createIdentity } from '../../../src/trust/identity.ts'
import type { Identity, IdentityOptions } from '../../../src/trust/identity.ts'
import { openKeys } from '../../../src/trust/keys.ts'
import { NOW, US } from './tokens.ts'

export type Answer = object | string | number | Error | Promise<object>

/** Answers GETs: an object as JSON, a string as it is, a number as a status without body, an error by throwing it. */
export function peers(answers: Record<string, Answer>): {
  call: HttpCall
  urls: string[]
  answers: Record<string, Answer>
} {
  const urls: string[] = []
  const call: HttpCall = async ({ url }) => {
    urls.push(url)
    const answer = await answers[url]
    if (answer === undefined) throw new ProblemError(problem('peer.unreachable', `${url} leads to 10.0.0.1`))
    if (answer instanceof Error) throw answer
    if (typeof answer === 'number')
      return { status: answer, headers: { location: 'https://elsewhere.example' }, body: new Uint8Array() }
    const body = Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer))
    return { status: 200, headers: {}, body }
  }
  return { call, urls, answers }
}

export function watch(): { clock: () => Instant; pass: (ms: number) => void } {
  let now = NOW
  return {
    clock: () => now,
    pass: (ms) => {
      now = later(now, ms)
    },
  }
}

export async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lingqu-trust-'))
  // A write of keys may still be under way.
  onTestFinished(() => rm(dir, { recursive: true, maxRetries: 5 }))
  return dir
}

export async function identity(options: Partial<IdentityOptions> = {}): Promise<Identity> {
  const did = options.did ?? US
  const keys = await openKeys(join(await tempDir(), 'keys'), { algorithm: 'ES256', now: NOW })
  return createIdentity({
    did,
    keys: () => keys,
    versionUrl: 'https://us.example/.well-known/dspace-version',
    trustList: [],
    staticTokens: [],
    admitted: () => true,
    call: peers({}).call,
    clock: () => NOW,
    newId: () => 'urn:uuid:1',
    loopback: false,
    allowHttpHosts: [],
    didCacheEntriesMax: 100,
    ...options,
  })
}
