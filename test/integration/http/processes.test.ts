// Processes as a peer meets them over HTTP: whose they are, what is illegal, what is a repeat, and where they stand.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../fixtures/eventually.ts'
import { contractRequest, errorTypeOf, everyMessage, messageOf, newPid } from '../../fixtures/messages.ts'
import type { Message } from '../../fixtures/peer.ts'
import type { RawReply } from '../../fixtures/raw-http.ts'
import { startGround, type Ground } from '../../fixtures/stranger.ts'

let ground: Ground
beforeAll(async () => {
  ground = await startGround()
})
afterAll(async () => ground.discard())

interface Pids extends Message {
  readonly providerPid: string
  readonly consumerPid: string
}

const pidsIn = ({ json }: RawReply): Pids => ({
  providerPid: String(json['providerPid']),
  consumerPid: String(json['consumerPid']),
})

/** A negotiation that waits for a person after the request. */
async function requested(): Promise<Pids> {
  const reply = await ground.send(
    '/negotiations/request',
    contractRequest(ground.peer.base, 'manual', 'urn:dataset:manual'),
  )
  expect(reply.status).toBe(201)
  return pidsIn(reply)
}

/** A negotiation that has gone all the way; gives the agreement's id too. */
async function finalized(): Promise<Pids & { readonly agreementId: string }> {
  const { peer, send } = ground
  const mark = peer.received.length
  const reply = await send('/negotiations/request', contractRequest(peer.base, 'open', 'urn:dataset:open'))
  const pids = pidsIn(reply)
  const { message } = await peer.gets('ContractAgreementMessage', mark)
  const verified = await send(
    `/negotiations/${pids.providerPid}/agreement/verification`,
    messageOf('ContractAgreementVerificationMessage', pids),
  )
  expect(verified.status).toBe(200)
  await peer.gets('ContractNegotiationEventMessage', mark)
  await stands('negotiations', pids, 'FINALIZED')
  return { ...pids, agreementId: String((message['agreement'] as Message)['@id']) }
}

async function stands(kind: string, { providerPid, consumerPid }: Pids, state: string): Promise<void> {
  const reply = await eventually(`the GET says ${state}`, async () => {
    const read = await ground.read(`/${kind}/${providerPid}`)
    return read.json['state'] === state ? read : null
  })
  expect(reply.json).toMatchObject({ providerPid, consumerPid, state })
}

async function startedTransfer(agreementId: string): Promise<Pids> {
  const { peer, send } = ground
  const mark = peer.received.length
  const reply = await send(
    '/transfers/request',
    messageOf('TransferRequestMessage', {
      consumerPid: newPid(),
      agreementId,
      format: 'HttpData-PULL',
      callbackAddress: peer.base,
    }),
  )
  expect(reply.status).toBe(201)
  const pids = pidsIn(reply)
  await peer.gets('TransferStartMessage', mark)
  await stands('transfers', pids, 'STARTED')
  return pids
}

describe('a negotiation as both sides see it', () => {
  test('the GET follows every acknowledged step, on the path of either role', async () => {
    const { peer, send, connector } = ground
    const pids = await requested()
    await stands('negotiations', pids, 'REQUESTED')

    const mark = peer.received.length
    await connector.ask(`/negotiations/${pids.providerPid}/offer`, {})
    const { path, message } = await peer.gets('ContractOfferMessage', mark)
    expect(path).toBe(`/dsp/2025-1/negotiations/${pids.consumerPid}/offers`)
    expect(message).toMatchObject(pids)
    await stands('negotiations', pids, 'OFFERED')

    const accepted = messageOf('ContractNegotiationEventMessage', { ...pids, eventType: 'ACCEPTED' })
    expect((await send(`/negotiations/${pids.providerPid}/events`, accepted)).status).toBe(200)
    await peer.gets('ContractAgreementMessage', mark)
    await stands('negotiations', pids, 'AGREED')

    const verification = messageOf('ContractAgreementVerificationMessage', pids)
    expect((await send(`/negotiations/${pids.providerPid}/agreement/verification`, verification)).status).toBe(200)
    await stands('negotiations', pids, 'VERIFIED')

    await connector.ask(`/negotiations/${pids.providerPid}/finalize`, {})
    await stands('negotiations', pids, 'FINALIZED')
  })

  test('as a consumer: the GET is 404 until the provider has named its pid, and follows from then on', async () => {
    const { peer, connector, read, send } = ground
    const mark = peer.received.length
    const offer = { '@type': 'Offer', '@id': 'theirs', target: 'urn:dataset:theirs', permission: [{ action: 'use' }] }
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const providerPid = newPid()
    peer.answerWith(({ message }, response) => {
      void held.then(() => {
        const { consumerPid } = message
        response.writeHead(201, { 'content-type': 'application/json' })
        response.end(JSON.stringify(messageOf('ContractNegotiation', { providerPid, consumerPid, state: 'REQUESTED' })))
      })
    })
    const { id } = await connector.ask<{ id: string }>('/negotiations', { counterPartyId: peer.did, offer })
    await peer.gets('ContractRequestMessage', mark)
    expect((await read(`/negotiations/${id}`)).status).toBe(404)

    release()
    await eventually(
      'the request is acknowledged',
      async () => (await read(`/negotiations/${id}`)).json['state'] === 'REQUESTED',
    )
    peer.answerWith(null)

    const offered = messageOf('ContractOfferMessage', {
      providerPid,
      consumerPid: id,
      offer: { ...offer, assigner: peer.did },
    })
    expect((await send(`/negotiations/${id}/offers`, offered)).status).toBe(200)
    expect((await read(`/negotiations/${id}`)).json).toMatchObject({ providerPid, consumerPid: id, state: 'OFFERED' })
  })
})

describe('a foreign process and an unknown one', () => {
  test('get the same answer, byte for byte, to a GET and to every message', async () => {
    const { other, send, read } = ground
    const { agreementId, ...negotiation } = await finalized()
    const transfer = await startedTransfer(agreementId)
    const unknown = newPid()
    const bytesOf = ({ status, headers, text }: RawReply): unknown => {
      const { date: _, ...rest } = headers
      return { status, headers: rest, text }
    }

    for (const kind of ['negotiations', 'transfers']) {
      const { providerPid } = kind === 'transfers' ? transfer : negotiation
      const foreign = bytesOf(await read(`/${kind}/${providerPid}`, other))
      expect(foreign).toEqual(bytesOf(await read(`/${kind}/${unknown}`, other)))
      expect(foreign).toMatchObject({ status: 404 })
    }
    for (const { providerPid, consumerPid } of [negotiation, transfer]) {
      for (const [path, message] of everyMessage(providerPid, consumerPid, other.base)) {
        if (!path.includes(providerPid)) continue
        const foreign = await send(path, message, other)
        const nowhere = await send(path.replace(providerPid, unknown), message, other)
        expect(bytesOf(foreign)).toEqual(bytesOf(nowhere))
        expect(foreign.status).toBe(404)
      }
    }
  })
})

describe('an illegal transition', () => {
  test('of a negotiation is 400 with both pids and a code, and moves nothing', async () => {
    const { send } = ground
    const pids = await requested()

    for (const [path, message] of everyMessage(pids.providerPid, pids.consumerPid, ground.peer.base)) {
      if (!path.startsWith('/negotiations/urn') || path.endsWith('/termination')) continue
      const reply = await send(path, message)
      expect(reply, path).toMatchObject({ status: 400, json: { '@type': 'ContractNegotiationError', ...pids } })
      expect(reply.json['code'], path).toMatch(/^\S+$/)
    }
    await stands('negotiations', pids, 'REQUESTED')
  })

  test('of a transfer is 400 with both pids', async () => {
    const { send } = ground
    const pids = await startedTransfer((await finalized()).agreementId)
    const start = await send(`/transfers/${pids.providerPid}/start`, messageOf('TransferStartMessage', pids))

    expect(start).toMatchObject({ status: 400, json: { '@type': 'TransferError', code: 'move.illegal', ...pids } })
    await stands('transfers', pids, 'STARTED')
  })

  test('pids in the body that are not those of the path are 400, and move nothing', async () => {
    const { send } = ground
    const pids = await requested()
    for (const wrong of [{ providerPid: newPid() }, { consumerPid: newPid() }]) {
      const message = messageOf('ContractNegotiationTerminationMessage', { ...pids, ...wrong })
      expect(await send(`/negotiations/${pids.providerPid}/termination`, message)).toMatchObject({
        status: 400,
        json: { '@type': 'ContractNegotiationError', code: 'message.pids', ...pids },
      })
    }
    await stands('negotiations', pids, 'REQUESTED')
  })
})

describe('a repeat', () => {
  test('of the opening gets the same 201 with the same pids, and one process', async () => {
    const { send, peer, connector } = ground
    const message = contractRequest(peer.base, 'manual', 'urn:dataset:manual')
    const first = await send('/negotiations/request', message)
    const second = await send('/negotiations/request', message)

    expect(first.status).toBe(201)
    expect([second.status, second.text]).toEqual([first.status, first.text])
    expect(connector.rows('SELECT 1 FROM negotiation WHERE peer_pid = ?', pidsIn(first).consumerPid)).toHaveLength(1)
  })

  test('of the opening with another `@id` is still the same opening', async () => {
    const { send, peer } = ground
    const message = contractRequest(peer.base, 'manual', 'urn:dataset:manual')
    const first = await send('/negotiations/request', message)
    const second = await send('/negotiations/request', { ...message, '@id': newPid() })

    expect([second.status, second.text]).toEqual([first.status, first.text])
  })

  test('of a pid with another opening is 400 with both pids', async () => {
    const { send, peer } = ground
    const message = contractRequest(peer.base, 'manual', 'urn:dataset:manual')
    const pids = pidsIn(await send('/negotiations/request', message))
    const other = contractRequest(peer.base, 'open', 'urn:dataset:open', { consumerPid: pids.consumerPid })

    expect(await send('/negotiations/request', other)).toMatchObject({
      status: 400,
      json: { '@type': 'ContractNegotiationError', code: 'message.repeat-differs', ...pids },
    })
  })

  test('of a message gets its first answer even after the process has ended', async () => {
    const { send } = ground
    const pids = await requested()
    const termination = messageOf('ContractNegotiationTerminationMessage', { ...pids, code: '1', reason: ['no'] })
    const path = `/negotiations/${pids.providerPid}/termination`
    expect((await send(path, termination)).status).toBe(200)

    expect((await send(path, termination)).status).toBe(200)
    await stands('negotiations', pids, 'TERMINATED')
  })

  test('with a new `@id` after the end is an illegal transition', async () => {
    const { send } = ground
    const pids = await requested()
    const path = `/negotiations/${pids.providerPid}/termination`
    expect((await send(path, messageOf('ContractNegotiationTerminationMessage', pids))).status).toBe(200)

    expect(await send(path, messageOf('ContractNegotiationTerminationMessage', pids))).toMatchObject({
      status: 400,
      json: { code: 'move.illegal', ...pids },
    })
  })

  test('of a refused message gets the same refusal, and one entry', async () => {
    const { send, connector } = ground
    const pids = await requested()
    const illegal = messageOf('ContractAgreementVerificationMessage', pids)
    const path = `/negotiations/${pids.providerPid}/agreement/verification`
    const first = await send(path, illegal)
    const second = await send(path, illegal)

    expect(first.status).toBe(400)
    expect([second.status, second.text]).toEqual([first.status, first.text])
    const refused = connector.entries(pids.providerPid).filter(({ type }) => type === 'message.refused')
    expect(refused).toHaveLength(1)
  })

  test('of a message without `@id` counts once, and a second suspension is a new one', async () => {
    const { send, connector } = ground
    const pids = await startedTransfer((await finalized()).agreementId)
    const { '@id': _, ...suspension } = messageOf('TransferSuspensionMessage', pids)
    const { '@id': __, ...start } = messageOf('TransferStartMessage', pids)
    const at = `/transfers/${pids.providerPid}`

    for (const [step, message, state] of [
      ['suspension', suspension, 'SUSPENDED'],
      ['suspension', suspension, 'SUSPENDED'],
      ['start', start, 'STARTED'],
      ['start', start, 'STARTED'],
      ['suspension', suspension, 'SUSPENDED'],
    ] as const) {
      expect((await send(`${at}/${step}`, message)).status).toBe(200)
      await stands('transfers', pids, state)
    }
    const received = connector.entries(pids.providerPid).filter(({ type }) => type === 'message.received')
    expect(received.map(({ ext }) => ext?.['move'])).toEqual([
      'TransferRequestMessage',
      'TransferSuspensionMessage',
      'TransferStartMessage',
      'TransferSuspensionMessage',
    ])
  })
})

describe('paths as peers write them', () => {
  test('a slash at the end, and two where one is meant, lead to the same process', async () => {
    const { send, read } = ground
    const pids = await requested()
    for (const path of [`/negotiations/${pids.providerPid}/`, `//negotiations/${pids.providerPid}`]) {
      expect((await read(path)).json).toMatchObject(pids)
    }
    const end = messageOf('ContractNegotiationTerminationMessage', pids)
    expect((await send(`//negotiations//${pids.providerPid}/termination/`, end)).status).toBe(200)
    expect((await send('//catalog/request/', messageOf('CatalogRequestMessage', {}))).status).toBe(200)
  })

  test('a pid may be percent-encoded', async () => {
    const { send, read } = ground
    const pids = await requested()
    const encoded = encodeURIComponent(pids.providerPid)

    expect(encoded).not.toBe(pids.providerPid)
    expect((await read(`/negotiations/${encoded}`)).json).toMatchObject(pids)
    const end = messageOf('ContractNegotiationTerminationMessage', pids)
    expect((await send(`/negotiations/${encoded}/termination`, end)).status).toBe(200)
  })

  test('a consumerPid with characters that a path cannot carry is answered on an encoded path', async () => {
    const { send, peer, connector } = ground
    const consumerPid = `a/b?c#d é ${newPid()}`
    const opened = await send(
      '/negotiations/request',
      contractRequest(peer.base, 'manual', 'urn:dataset:manual', { consumerPid }),
    )
    expect(opened.status).toBe(201)
    const mark = peer.received.length

    await connector.ask(`/negotiations/${pidsIn(opened).providerPid}/terminate`, {})

    const { path } = await peer.gets('ContractNegotiationTerminationMessage', mark)
    expect(path).toBe(`/dsp/2025-1/negotiations/${encodeURIComponent(consumerPid).replaceAll('%3A', ':')}/termination`)
  })

  test.each(['..', '.'])('a consumerPid %s, which no path can carry, is refused and no defect', async (consumerPid) => {
    const { send, peer, connector } = ground
    const message = contractRequest(peer.base, 'open', 'urn:dataset:open', { consumerPid })
    const { status, json } = await send('/negotiations/request', message)

    expect([status, json['@type']]).toEqual([400, 'ContractNegotiationError'])
    expect(connector.log()).not.toContain('http.defect')
  })

  test('a callback address that would never be called is refused, and nothing is created', async () => {
    const { send, connector, peer } = ground
    const before = connector.rows('SELECT 1 FROM negotiation').length
    for (const callbackAddress of [
      'ftp://x',
      'http://example.com',
      'https://10.0.0.1/dsp',
      'http://localhost:1/?a=b',
      'nonsense',
      `${peer.base}#x`,
    ]) {
      const reply = await send('/negotiations/request', contractRequest(callbackAddress, 'open', 'urn:dataset:open'))
      expect(reply, callbackAddress).toMatchObject({ status: 400, json: { '@type': errorTypeOf('/negotiations') } })
    }
    expect(connector.rows('SELECT 1 FROM negotiation')).toHaveLength(before)
  })
})
