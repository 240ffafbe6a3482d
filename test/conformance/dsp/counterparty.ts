// The kit's participant before the kit runs: makes the agreements that the transfer scenarios are about, over DSP itself.

import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { DSP_CONTEXT } from '../../../src/protocol/dsp/messages.ts'

export const KIT_PARTICIPANT = 'TCK_PARTICIPANT'
const RULES = { permission: [{ action: 'use' }] }

interface Arrived {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface Counterparty {
  /** As a consumer: requests the offer, verifies the agreement; resolves with the agreement's id. */
  consume(
    datasetId: string,
    offerId: string,
    agree: (providerPid: string) => Promise<void>,
    finalize: (providerPid: string) => Promise<void>,
  ): Promise<string>
  /** As a provider: answers the request that `request` makes the connector send; resolves with the agreement's id. */
  provide(
    agent: string,
    request: () => Promise<string>,
    verify: (consumerPid: string) => Promise<void>,
  ): Promise<string>
  close(): Promise<void>
}

/**
 * @param base the connector's DSP base
 * @param authorization the static token that stands for the kit's participant
 */
export async function openCounterparty(
  host: string,
  port: number,
  base: string,
  authorization: string,
): Promise<Counterparty> {
  const waiting: { readonly path: RegExp; readonly resolve: (arrived: Arrived) => void }[] = []
  const early: Arrived[] = []
  const address = `http://${host}:${String(port)}`

  const server: Server = createServer((request, response) => {
    void readJson(request).then((body) => {
      const arrived = { path: request.url ?? '', body }
      const { '@type': type, consumerPid } = body
      if (type === 'ContractRequestMessage') {
        response.writeHead(201, { 'content-type': 'application/json' })
        response.end(
          JSON.stringify(
            message('ContractNegotiation', {
              providerPid: `urn:uuid:${randomUUID()}`,
              consumerPid,
              state: 'REQUESTED',
            }),
          ),
        )
      } else {
        response.writeHead(200).end()
      }
      const index = waiting.findIndex(({ path }) => path.test(arrived.path))
      if (index < 0) early.push(arrived)
      else waiting.splice(index, 1)[0]?.resolve(arrived)
    })
  })
  await new Promise<void>((done) => server.listen(port, host, done))

  function arrives(path: RegExp): Promise<Arrived> {
    const index = early.findIndex((arrived) => path.test(arrived.path))
    const found = index < 0 ? undefined : early.splice(index, 1)[0]
    return found === undefined ? new Promise((resolve) => waiting.push({ path, resolve })) : Promise.resolve(found)
  }

  async function send(path: string, body: unknown): Promise<Readonly<Record<string, string>>> {
    const response = await fetch(base + path, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${path}: ${String(response.status)} ${text}`)
    return JSON.parse(text) as Readonly<Record<string, string>>
  }

  return {
    consume: async (datasetId, offerId, agree, finalize) => {
      const consumerPid = `urn:uuid:${randomUUID()}`
      const offer = { '@id': offerId, '@type': 'Offer', target: datasetId, ...RULES }
      const { providerPid = '' } = await send(
        '/negotiations/request',
        message('ContractRequestMessage', { consumerPid, callbackAddress: address, offer }),
      )
      await agree(providerPid)
      const { body } = await arrives(new RegExp(`${consumerPid}/agreement$`))
      await retried(() =>
        send(
          `/negotiations/${providerPid}/agreement/verification`,
          message('ContractAgreementVerificationMessage', { providerPid, consumerPid }),
        ),
      )
      await finalize(providerPid)
      await arrives(new RegExp(`${consumerPid}/events$`))
      return (body.agreement as { '@id': string })['@id']
    },
    provide: async (agent, request, verify) => {
      const consumerPid = await request()
      const { body } = await arrives(/\/negotiations\/request$/)
      const { offer } = body as { offer: { target: string } }
      const agreementId = `urn:uuid:${randomUUID()}`
      const agreement = {
        '@id': agreementId,
        '@type': 'Agreement',
        target: offer.target,
        assigner: KIT_PARTICIPANT,
        assignee: agent,
        timestamp: new Date().toISOString(),
        ...RULES,
      }
      const pids = { providerPid: await providerPidOf(base, consumerPid, authorization), consumerPid }
      await retried(() =>
        send(`/negotiations/${consumerPid}/agreement`, message('ContractAgreementMessage', { ...pids, agreement })),
      )
      await verify(consumerPid)
      await arrives(/\/agreement\/verification$/)
      await retried(() =>
        send(
          `/negotiations/${consumerPid}/events`,
          message('ContractNegotiationEventMessage', { ...pids, eventType: 'FINALIZED' }),
        ),
      )
      return agreementId
    },
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done()
        })
        server.closeAllConnections()
      }),
  }
}

/** The connector says which pid it has of us as soon as it has read our 201. */
async function providerPidOf(base: string, consumerPid: string, authorization: string): Promise<string> {
  return retried(async () => {
    const response = await fetch(`${base}/negotiations/${consumerPid}`, { headers: { authorization } })
    if (!response.ok) throw new Error(`GET of ${consumerPid}: ${String(response.status)}`)
    return ((await response.json()) as { providerPid: string }).providerPid
  })
}

async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === 50) throw error
      await new Promise((done) => setTimeout(done, 20))
    }
  }
}

function message(type: string, members: object): object {
  return { '@context': [DSP_CONTEXT], '@type': type, '@id': `urn:uuid:${randomUUID()}`, ...members }
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>)
}
