// One question to another machine: its answer, and what its clock says.

import type { HttpCall, HttpResponse } from '../../kernel/http-call.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import type { Patient, Skew } from './check.ts'

const BYTES_MAX = 65_536
/** A Date header has no fractions: on average half a second is cut off. */
const CUT_MS = 500

/** Throws what the call throws, and `peer.malformed` for anything but 200 with JSON. `skews` learns the time over there. */
export async function askJson(
  call: HttpCall,
  url: string,
  { settings, skews }: Pick<Patient, 'settings' | 'skews'>,
  clock: () => number,
): Promise<unknown> {
  const answer = await ask(call, url, settings.config.limits.answerTimeoutMs, skews, clock)
  if (answer.status !== 200) {
    throw new ProblemError(problem('peer.malformed', `${url} answered ${String(answer.status)}, not 200`))
  }
  try {
    return JSON.parse(new TextDecoder().decode(answer.body))
  } catch (cause) {
    throw new ProblemError(problem('peer.malformed', `${url} did not answer with JSON`), { cause })
  }
}

/** Whatever it answers. */
export async function ask(
  call: HttpCall,
  url: string,
  timeoutMs: number,
  skews: Skew[],
  clock: () => number,
): Promise<HttpResponse> {
  const before = clock()
  const answer = await call({ method: 'GET', url, timeoutMs, bodyBytesMax: BYTES_MAX })
  const there = Date.parse(answer.headers['date'] ?? '')
  if (!Number.isNaN(there)) skews.push({ from: new URL(url).host, ms: there + CUT_MS - (before + clock()) / 2 })
  return answer
}
