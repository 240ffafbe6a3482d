// What attackers can make us keep: evidence is never deleted, so whoever is refused leaves a bounded number of entries, and who
// is not known, or speaks of what is not theirs, leaves none.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { contractRequest, everyMessage, messageOf, newPid } from '../fixtures/messages.ts'
import { rawRequest } from '../fixtures/raw-http.ts'
import { DSP, startGround, type Ground } from '../fixtures/stranger.ts'
import { changesNothing } from './refusals.ts'

const REFUSALS_MAX = 20

let ground: Ground
let pids: { readonly providerPid: string; readonly consumerPid: string }
beforeAll(async () => {
  ground = await startGround({ limits: { refusalsPerPeerHourMax: REFUSALS_MAX } })
  const opened = await ground.send(
    '/negotiations/request',
    contractRequest(ground.peer.base, 'manual', 'urn:dataset:manual'),
  )
  pids = { providerPid: String(opened.json['providerPid']), consumerPid: String(opened.json['consumerPid']) }
})
afterAll(async () => ground.discard())

const refusals = (): number => ground.connector.entries().filter(({ type }) => type === 'message.refused').length

test('who is not known leaves nothing, however much is sent', async () => {
  await changesNothing(ground.connector, async () => {
    for (const [path, message] of everyMessage(pids.providerPid, pids.consumerPid, ground.peer.base)) {
      for (const authorization of ['', 'Bearer x', 'Bearer a.b.c']) {
        const headers = { 'content-type': 'application/json', ...(authorization !== '' && { authorization }) }
        const { status } = await rawRequest({
          port: ground.connector.port,
          path: DSP + path,
          headers,
          body: JSON.stringify(message),
        })
        expect(status).toBe(401)
      }
    }
  })
})

test('who is known and speaks of what is not theirs, or does not exist, leaves nothing', async () => {
  const about = (pid: string): readonly (readonly [string, object])[] =>
    everyMessage(pid, pids.consumerPid, ground.peer.base).filter(([path]) => path.includes(pid))
  await changesNothing(ground.connector, async () => {
    for (const [path, message] of [...about(pids.providerPid), ...about(newPid())]) {
      expect((await ground.send(path, message as never, ground.other)).status, path).toBe(404)
    }
  })
})

test('who is refused leaves an entry each time up to the bound, and is asked to wait from then on; others are served', async () => {
  const { send, connector, other } = ground
  const illegal = (): ReturnType<Ground['send']> =>
    send(
      `/negotiations/${pids.providerPid}/agreement/verification`,
      messageOf('ContractAgreementVerificationMessage', pids),
    )
  for (let index = 0; index < REFUSALS_MAX; index++) expect((await illegal()).status).toBe(400)
  expect(refusals()).toBe(REFUSALS_MAX)

  await changesNothing(connector, async () => {
    for (let index = 0; index < 2 * REFUSALS_MAX; index++) {
      expect(await illegal()).toMatchObject({ status: 503, json: { code: 'busy.limit' } })
    }
  })
  expect(
    (await send('/negotiations/request', contractRequest(other.base, 'manual', 'urn:dataset:manual'), other)).status,
  ).toBe(201)
  connector.verify()
})

test('a refused message that is sent again and again is on record once', async () => {
  const { send, other, connector } = ground
  const opened = await send('/negotiations/request', contractRequest(other.base, 'manual', 'urn:dataset:manual'), other)
  const theirs = { providerPid: opened.json['providerPid'], consumerPid: opened.json['consumerPid'] }
  const message = messageOf('ContractAgreementVerificationMessage', theirs)
  const path = `/negotiations/${String(theirs.providerPid)}/agreement/verification`
  for (let index = 0; index < 5; index++) expect((await send(path, message, other)).status).toBe(400)

  expect(connector.entries(String(theirs.providerPid)).filter(({ type }) => type === 'message.refused')).toHaveLength(1)
})
