// The HTTP of the simulation: from a URL and bytes to what the shell is asked, and from what it says to an answer.

import type { Answer } from '../../src/domain/exchange/inbound.ts'
import type { Kind } from '../../src/domain/ledger.ts'
import { KINDS, kindOf, type Problem } from '../../src/kernel/problem.ts'
import { contractNegotiationError, transferError } from '../../src/protocol/dsp/error.ts'
import type { MessageType } from '../../src/protocol/dsp/messages.ts'
import { BINDINGS } from '../../src/protocol/dsp/paths.ts'
import { ack } from '../../src/shell/read-process.ts'
import type { DspAnswer } from '../../src/wire/dsp-client.ts'

export interface Route {
  readonly type: MessageType
  readonly kind: Kind
  /** The receiver's own pid in the path; null where the message opens a process. */
  readonly pid: string | null
}

const POSTS = BINDINGS.flatMap(({ method, path, message }) =>
  method === 'POST' ? [{ steps: path.split('/'), message }] : [],
)

/** Which message is posted to that URL under `base`; null where no binding has such a path. */
export function routeOf(base: string, url: string): Route | null {
  const steps = url.slice(base.length).split('/')
  for (const { steps: wanted, message } of POSTS) {
    const fits =
      wanted.length === steps.length && wanted.every((step, at) => step.startsWith(':') || step === steps[at])
    if (!fits) continue
    const pid = wanted.findIndex((step) => step.startsWith(':'))
    return {
      type: message,
      kind: steps[1] === 'negotiations' ? 'negotiation' : 'transfer',
      pid: pid === -1 ? null : decodeURIComponent(steps[pid] ?? ''),
    }
  }
  return null
}

/** Which process is asked for with a GET of that URL. */
export function processOf(base: string, url: string): { readonly kind: Kind; readonly pid: string } {
  const [, family, pid = ''] = url.slice(base.length).split('/')
  return { kind: family === 'negotiations' ? 'negotiation' : 'transfer', pid: decodeURIComponent(pid) }
}

export function answerTo(kind: Kind, answer: Answer): DspAnswer {
  if (!answer.ok) return refusal(kind, answer.problem, answer.pids)
  return jsonAnswer(answer.created ? 201 : 200, ack(kind, answer.pids, answer.state))
}

export function refusal(kind: Kind, problem: Problem, pids: Parameters<typeof transferError>[1] = {}): DspAnswer {
  const error = kind === 'negotiation' ? contractNegotiationError(problem, pids) : transferError(problem, pids)
  return jsonAnswer(KINDS[kindOf(problem)].dsp, error)
}

export function jsonAnswer(status: number, json: unknown): DspAnswer {
  return { status, headers: {}, bytes: Buffer.from(JSON.stringify(json)), json, retryAfterMs: null }
}
