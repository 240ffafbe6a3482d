// Sends the cases: over connections that are kept, several at a time; bytes that are no request over one of their own.

import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import type { Case } from './cases.ts'

const SOCKETS_MAX = 16
/** Noise may announce a body that never comes: nobody waits for that answer. */
const QUIET_MS = 250

export interface Sending {
  /** The status of the answer; 0 where the connection ended without one. */
  readonly send: (one: Case) => Promise<number>
  readonly close: () => void
}

export function openSending(): Sending {
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX })
  return {
    send: (one) => (one.raw === null ? asked(one, agent) : thrown(one.raw, one.port)),
    close: () => {
      agent.destroy()
    },
  }
}

function asked({ port, method, path, headers, body }: Case, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, method, path, agent, insecureHTTPParser: true }
    const sent = request(
      { ...options, headers: { host: 'localhost', 'content-length': String(body.length), ...headers } },
      (response) => {
        response.resume()
        response.on('close', () => {
          resolve(response.statusCode ?? 0)
        })
      },
    )
    sent.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve(101)
    })
    sent.on('error', () => {
      resolve(0)
    })
    sent.end(body)
  })
}

function thrown(bytes: Uint8Array, port: number): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let head = ''
    socket.setTimeout(QUIET_MS, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      if (head.length < 100) head += chunk.toString('latin1')
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0))
    })
    socket.write(bytes)
  })
}
