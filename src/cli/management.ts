// The management API as the command line calls it: a token from a file, one URL, and refusals as Problems.

import { readFile } from 'node:fs/promises'
import { problem, PROBLEMS, ProblemError, type Problem, type ProblemCode } from '../kernel/problem.ts'
import type { Io } from './outcome.ts'
import { readSettings } from './settings.ts'

export interface Management {
  /** The whole of a path's answer. Throws the refusal, with its code, sentence and place. */
  readonly get: <T>(path: string) => Promise<T>
  readonly post: <T>(path: string, body?: unknown) => Promise<T>
  readonly remove: (path: string) => Promise<void>
  /** Every item of a list, page by page. */
  readonly all: <T>(path: string) => Promise<readonly T[]>
  /** Server-sent events from now on; the headers are there when it resolves. */
  readonly events: (signal: AbortSignal) => Promise<AsyncIterable<string>>
  /** `http://127.0.0.1:8182/api/v1` */
  readonly base: string
  readonly authorization: string
}

const START = 'start it with `npm run -s lingqu -- start`'
const PAGE = 1000

/** The connector that the settings of this machine describe. Throws `peer.unreachable` where it was never started. */
export async function openManagement(io: Pick<Io, 'env' | 'stopped'>): Promise<Management> {
  const settings = await readSettings(io)
  const { host, port } = settings.config.management
  const file = settings.paths.adminToken
  const token = await readFile(file, 'utf8').catch((cause: unknown) => {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    const sentence = isMissing ? `there is no ${file}: the connector was never started here; ${START}` : String(cause)
    throw new ProblemError(problem(isMissing ? 'peer.unreachable' : 'config.invalid', sentence), { cause })
  })
  return managementAt(`http://${reachable(host)}:${String(port)}/api/v1`, token.trim(), io.stopped)
}

export function managementAt(base: string, token: string, stopped: AbortSignal): Management {
  const authorization = `Bearer ${token}`

  async function ask(method: string, path: string, body?: unknown, signal = stopped): Promise<Response> {
    const headers = { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) }
    const request = { method, headers, signal, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const answer = await fetch(`${base}${path}`, request).catch((cause: unknown) => {
      if (signal.aborted) throw new ProblemError(problem('stopping', messageOf(signal.reason)), { cause })
      throw new ProblemError(problem('peer.unreachable', `no connector answers at ${base}; ${START}`), { cause })
    })
    if (!answer.ok) throw new ProblemError(refusalIn(answer.status, await answer.text()))
    return answer
  }

  return {
    base,
    authorization,
    get: async <T>(path: string) => (await (await ask('GET', path)).json()) as T,
    post: async <T>(path: string, body?: unknown) => (await (await ask('POST', path, body)).json()) as T,
    remove: async (path) => {
      await (await ask('DELETE', path)).arrayBuffer()
    },
    all: async <T>(path: string) => {
      const items: T[] = []
      for (let after: string | null = ''; after !== null;) {
        const from: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`
        const answer: Response = await ask('GET', `${path}?limit=${String(PAGE)}${from}`)
        const page = (await answer.json()) as { items: readonly T[]; next: string | null }
        items.push(...page.items)
        after = page.next
      }
      return items
    },
    events: async (signal) => {
      const { body } = await ask('GET', '/events', undefined, signal)
      if (body === null) throw new ProblemError(problem('peer.malformed', 'the events came without a body'))
      return body.pipeThrough(new TextDecoderStream())
    },
  }
}

/** A wildcard is an address to listen on, not one to call. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

/** The problem document (RFC 9457) of a refusal, or what else was said. */
function refusalIn(status: number, text: string): Problem {
  const { code, detail, path } = documentIn(text)
  const sentence =
    typeof detail === 'string' ? detail : `the connector answered ${String(status)}: ${text.slice(0, 200)}`
  return problem(isOneOfOurs(code) ? code : 'peer.malformed', sentence, typeof path === 'string' ? path : undefined)
}

/** What a signal was aborted with, for people. */
export function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}

function isOneOfOurs(code: unknown): code is ProblemCode {
  return typeof code === 'string' && Object.hasOwn(PROBLEMS, code)
}

function documentIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {} // no JSON: the text is shown as it is
  }
}
