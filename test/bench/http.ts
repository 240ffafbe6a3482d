// The client of the measurements: Node's own over kept connections, as light as can be, because it shares the cores.

import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'

const agent = new Agent({ keepAlive: true })

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** One request; the body, if any, is JSON. */
export async function send(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const response = await open(
    method,
    url,
    text === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    text,
  )
  const pieces: string[] = []
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) pieces.push(piece)
  return { status: response.statusCode ?? 0, headers: response.headers, text: pieces.join('') }
}

export interface Pulled {
  readonly firstByteMs: number
  readonly ms: number
  readonly bytes: number
}

/** Reads a body and throws it away. Throws unless it is 200 and whole. */
export function pull(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Pulled> {
  return new Promise((resolve, reject) => {
    const begun = performance.now()
    let [bytes, firstByteMs] = [0, 0]
    const call = request(url, { headers, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${String(response.statusCode)}`))
      response.on('data', (piece: Buffer) => {
        if (bytes === 0) firstByteMs = performance.now() - begun
        bytes += piece.length
      })
      response.once('end', () => resolve({ firstByteMs, ms: performance.now() - begun, bytes }))
      response.once('error', reject)
    })
    call.once('error', reject).end()
  })
}

/** Server-sent events, one call of `listener` with the JSON of each; resolves when they flow. `stop` ends them. */
export async function follow(
  url: string,
  headers: Readonly<Record<string, string>>,
  listener: (event: unknown) => void,
): Promise<{ readonly stop: () => void }> {
  const response = await open('GET', url, headers, undefined)
  if (response.statusCode !== 200) throw new Error(`${url} answered ${String(response.statusCode)}`)
  let rest = ''
  response.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('data: ')) listener(JSON.parse(line.slice('data: '.length)))
  })
  // Whoever follows stops before the connector does; what breaks off earlier shows as something that never happens.
  response.on('error', () => undefined)
  return { stop: () => response.destroy() }
}

function open(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent }, resolve).once('error', reject).end(body)
  })
}
