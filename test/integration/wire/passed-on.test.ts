// Data that is read from one connection and written to another, its memory given back on the way: whatever the two ends do,
// nobody gets other bytes than the source gave, and the digest is that of them.

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as plainRequest, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecureServer, request as secureRequest } from 'node:https'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { pump, type PumpResult } from '../../../src/dataplane/pump.ts'
import { selfSigned } from './certificate.ts'
import { client, httpServer, listen } from './servers.ts'

const WHOLE = randomBytes(6_000_011)
const DIGEST = createHash('sha256').update(WHOLE).digest('hex')

/** Gives the data until `breaksAt` bytes; there its connection breaks. */
async function sourceOf(breaksAt = WHOLE.length, isChunked = false): Promise<string> {
  const { origin } = await httpServer((_request, response) => {
    if (!isChunked) response.setHeader('content-length', WHOLE.length)
    void (async () => {
      for (let at = 0; at < breaksAt; at += 30_000) {
        const piece = WHOLE.subarray(at, Math.min(breaksAt, at + 30_000))
        if (!response.write(piece)) await once(response, 'drain')
      }
      if (breaksAt < WHOLE.length) response.destroy()
      else response.end()
    })().catch(() => undefined)
  })
  return origin
}

/** One who passes the data of that source on. */
async function passingOn(
  url: string,
  isSecure: boolean,
): Promise<{ readonly port: number; readonly isSecure: boolean; readonly result: Promise<PumpResult> }> {
  const { stream } = client()
  const { promise: result, resolve } = Promise.withResolvers<PumpResult>()
  const listener: RequestListener = (_request, response) => {
    void (async () => {
      const { body, recycle } = await stream({ method: 'GET', url, timeoutMs: 5_000, bodyTimeoutMs: 5_000 })
      const signal = new AbortController().signal
      resolve(await pump(body, response, { signal, hash: true, ...(recycle !== undefined && { onTaken: recycle }) }))
    })()
  }
  const { key, cert } = selfSigned('peer.test')
  const server = isSecure ? createSecureServer({ key, cert }, listener) : createServer(listener)
  return { port: await listen(server), isSecure, result }
}

async function answerOf({ port, isSecure }: { port: number; isSecure: boolean }): Promise<IncomingMessage> {
  const target = { host: '127.0.0.1', port, agent: false, rejectUnauthorized: false }
  const asked = isSecure ? secureRequest(target) : plainRequest(target)
  const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage]
  return answer
}

// prettier-ignore
test.each([
  [0, false, false],
  [3, false, false],
  [3, false, true],
  [0, true,  false],
  [3, true,  true],
])('a reader that pauses for %i turns after each piece gets all of it; TLS %s, chunks %s', async (turns, isSecure, isChunked) => {
  const passing = await passingOn(await sourceOf(WHOLE.length, isChunked), isSecure)
  const hash = createHash('sha256')

  for await (const piece of (await answerOf(passing)) as AsyncIterable<Buffer>) {
    hash.update(piece)
    for (let left = turns; left > 0; left--) await turn()
  }

  expect(hash.digest('hex')).toBe(DIGEST)
  expect(await passing.result).toMatchObject({ outcome: 'complete', bytes: WHOLE.length, digest: `sha-256:${DIGEST}` })
})

test.each([false, true])(
  'what came before the source broke is the beginning of it, and no whole; TLS %s',
  async (isSecure) => {
    const passing = await passingOn(await sourceOf(3_000_000), isSecure)
    const pieces: Buffer[] = []

    const reading = (async () => {
      for await (const piece of (await answerOf(passing)) as AsyncIterable<Buffer>) pieces.push(piece)
    })()

    await expect(reading).rejects.toThrow()
    const came = Buffer.concat(pieces)
    expect(came.equals(WHOLE.subarray(0, came.length))).toBe(true)
    expect(await passing.result).toMatchObject({ outcome: 'source-failed', digest: null })
  },
)

test.each([false, true])(
  'a reader that goes away ends the source, and disturbs nobody else; TLS %s',
  async (isSecure) => {
    const url = await sourceOf()
    const [leaving, staying] = [await passingOn(url, isSecure), await passingOn(url, isSecure)]
    const hash = createHash('sha256')

    const staysFor = (async () => {
      for await (const piece of (await answerOf(staying)) as AsyncIterable<Buffer>) {
        hash.update(piece)
        await turn()
      }
    })()
    for await (const piece of (await answerOf(leaving)) as AsyncIterable<Buffer>) if (piece.length > 0) break
    await staysFor

    expect(await leaving.result).toMatchObject({ outcome: 'peer-gone' })
    expect(hash.digest('hex')).toBe(DIGEST)
  },
)
