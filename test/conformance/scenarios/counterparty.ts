// The other side, played by a test: real HTTP on loopback, the habits of the official kit, and an eye on all that it gets.
//
// Like the kit it answers 200 where 201 is meant, names no media type, writes `@id` into everything, and uses pids and
// names that are no URIs.

import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DSP_CONTEXT } from '../../../src/protocol/dsp/messages.ts'
import { faultOf, faultOfDelivery, type Message } from './judge.ts'

export interface Arrived {
  /** Below the address of the counter-party. */
  readonly path: string
  readonly message: Message
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Message
}

/** Answers a message (or a GET, which has none) instead of the usual 200. */
export type Answering = (arrived: Arrived, response: ServerResponse) => void

export interface Counterparty {
  readonly participant: string
  /** Its callback address and DSP base. */
  readonly address: string
  /** The Authorization value by which the connector knows it, and the one that the connector must send. */
  readonly inbound: string
  readonly outbound: string
  /** What was wrong with what the connector sent. */
  readonly faults: readonly string[]
  /** Everything that it got, in order. */
  readonly received: readonly Arrived[]
  /** Without a media type, like the kit's own answers, unless `headers` have one. */
  readonly post: (url: string, message: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>
  readonly get: (url: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>
  /** The first message of that type in the process with that pid, now or later; each comes out once. */
  readonly arrives: (type: string, pid: string) => Promise<Message>
  /** Messages in the process with that pid that nobody has waited for. */
  readonly unexpected: (pid: string) => readonly string[]
  /** How messages are answered from now on; null for the usual way. */
  readonly answerWith: (answering: Answering | null) => void
  readonly close: () => Promise<void>
}

const ARRIVES_WITHIN_MS = 15_000

export interface CounterpartyOptions {
  /** Its name; null for the did:web of its port. */
  readonly participant?: string | null
  /** What its address has behind the port: peers must keep it as it is. */
  readonly below?: string
}

export async function openCounterparty(options: CounterpartyOptions = {}): Promise<Counterparty> {
  const { participant: named = 'TCK_PARTICIPANT', below = '' } = options
  const faults: string[] = []
  const received: Arrived[] = []
  const open = new Set<Arrived>()
  const watchers = new Set<() => void>()
  let answering: Answering | null = null

  const server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const { url = '', method = '' } = request
      const isBelow = url.startsWith(`${below}/`)
      const path = isBelow ? url.slice(below.length) : url
      if (method === 'GET') {
        ;(answering ?? nothing)({ path, message: {} }, response)
        return
      }
      const message = jsonOf(text)
      const { authorization, 'content-type': mediaType } = request.headers
      if (authorization !== outbound) faults.push(`${path} came with Authorization: ${String(authorization)}`)
      if (mediaType !== 'application/json') faults.push(`${path} came as ${String(mediaType)}`)
      if (!isBelow) faults.push(`${url} is not below the address ${address}`)
      const wrong = faultOf(message) ?? faultOfDelivery(path, message)
      if (wrong !== null) faults.push(wrong)

      const arrived = { path, message }
      received.push(arrived)
      open.add(arrived)
      ;(answering ?? asTheKit)(arrived, response)
      for (const look of watchers) look()
    })
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', () => {
      done()
    })
  })
  const port = String((server.address() as AddressInfo).port)
  const address = `http://localhost:${port}${below}`
  const participant = named ?? `did:web:localhost%3A${port}`
  const [inbound, outbound] = [`Bearer ${participant}-token`, `Bearer connector-for-${participant}`]

  function take(type: string, pid: string): Message | null {
    const found = [...open].find(({ message }) => message['@type'] === type && isAbout(message, pid))
    if (found === undefined) return null
    open.delete(found)
    return found.message
  }

  return {
    participant,
    address,
    inbound,
    outbound,
    faults,
    received,
    post: (url, message, headers = {}) =>
      call(url, {
        method: 'POST',
        headers: { authorization: inbound, ...headers },
        // Bytes: to a text the client would add a media type that a test may not want.
        body: new TextEncoder().encode(typeof message === 'string' ? message : JSON.stringify(message)),
      }),
    get: (url, headers = {}) => call(url, { headers: { authorization: inbound, ...headers } }),
    arrives: (type, pid) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const message = take(type, pid)
          if (message === null) return
          clearTimeout(timer)
          watchers.delete(look)
          resolve(message)
        }
        const timer = setTimeout(() => {
          watchers.delete(look)
          const came = received.filter(({ message }) => isAbout(message, pid)).map(({ message }) => message['@type'])
          reject(new Error(`no ${type} came; what came: ${came.join(', ')}`))
        }, ARRIVES_WITHIN_MS)
        watchers.add(look)
        look()
      }),
    unexpected: (pid) =>
      [...open].filter(({ message }) => isAbout(message, pid)).map(({ message }) => String(message['@type'])),
    answerWith: (next) => {
      answering = next
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** A message with a context, a type and an `@id`, as the kit writes them: a bare UUID. */
export function messageOf(type: string, members: Message): Message {
  return { '@context': [DSP_CONTEXT], '@id': randomUUID(), '@type': type, ...members }
}

/** 200, no media type: with the process where the message opens one, else without a body, chunked. */
function asTheKit({ path, message }: Arrived, response: ServerResponse): void {
  response.writeHead(200)
  if (opens(path)) response.write(JSON.stringify(openedBy(message)))
  response.end()
}

/** Whether a message to that path opens a process, and is answered with it. */
export function opens(path: string): boolean {
  return /^\/(negotiations|transfers)\/(request|offers)$/.test(path)
}

function nothing(_arrived: Arrived, response: ServerResponse): void {
  response.writeHead(404).end()
}

/** The process that answers an opening message. */
export function openedBy({ '@type': type, consumerPid = randomUUID(), providerPid = randomUUID() }: Message): Message {
  const state = type === 'ContractOfferMessage' ? 'OFFERED' : 'REQUESTED'
  const process = type === 'TransferRequestMessage' ? 'TransferProcess' : 'ContractNegotiation'
  return messageOf(process, { providerPid, consumerPid, state })
}

function isAbout({ providerPid, consumerPid }: Message, pid: string): boolean {
  return providerPid === pid || consumerPid === pid
}

async function call(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: jsonOf(text) }
}

function jsonOf(text: string): Message {
  try {
    return JSON.parse(text) as Message
  } catch {
    return {}
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
