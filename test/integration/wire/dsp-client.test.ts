// What a peer answers to our messages, in whatever wrapping it comes.

import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { HttpRequest, HttpResponse } from '../../../src/kernel/http-call.ts'
import type { ParticipantId } from '../../../src/protocol/ids.ts'
import { createDspClient, type DspClient } from '../../../src/wire/dsp-client.ts'

const PEER = 'did:web:peer.example' as ParticipantId
const URL = 'https://peer.example/dsp/negotiations/request'
const ANSWER_BYTES_MAX = 1_000

test('a gzipped answer is read as if it were not', async () => {
  const { client, asked } = answering({
    body: gzipSync('{"state":"REQUESTED"}'),
    headers: { 'content-encoding': 'gzip' },
  })

  const answer = await client.post(URL, '{}', PEER)

  expect(answer.json).toEqual({ state: 'REQUESTED' })
  expect(asked[0]?.headers).toMatchObject({
    'accept-encoding': 'gzip',
    authorization: 'Bearer for did:web:peer.example',
  })
})

test.each([
  ['larger than an answer may be once it is unpacked', gzipSync(' '.repeat(ANSWER_BYTES_MAX + 1)), 'gzip'],
  ['not gzip although it says so', Buffer.from('{}'), 'gzip'],
  ['in an encoding that we did not ask for', Buffer.from('{}'), 'br'],
])('an answer that is %s is refused as the fault of the peer', async (_, body, encoding) => {
  const { client } = answering({ body, headers: { 'content-encoding': encoding } })

  await expect(client.get(URL, PEER)).rejects.toMatchObject({ problem: { code: 'peer.malformed' } })
})

test.each([
  ['empty', ''],
  ['no JSON', 'OK'],
])('an answer whose body is %s is an answer all the same', async (_, text) => {
  const { client } = answering({ body: Buffer.from(text), headers: { 'retry-after': '3' } })

  expect(await client.post(URL, '{}', PEER)).toMatchObject({ status: 200, json: null, retryAfterMs: 3_000 })
})

function answering(answer: Omit<HttpResponse, 'status'>): { client: DspClient; asked: readonly HttpRequest[] } {
  const asked: HttpRequest[] = []
  const client = createDspClient({
    call: (request) => {
      asked.push(request)
      return Promise.resolve({ status: 200, ...answer })
    },
    issue: (audience) => Promise.resolve(`Bearer for ${audience}`),
    timeoutMs: 1_000,
    answerBytesMax: ANSWER_BYTES_MAX,
  })
  return { client, asked }
}
