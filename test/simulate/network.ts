// The network between the connectors: carries calls, and does to each what the weather says.

import { problem, ProblemError } from '../../src/kernel/problem.ts'
import type { DspAnswer } from '../../src/wire/dsp-client.ts'
import type { Call, Connector } from './connector.ts'
import { jsonAnswer } from './http.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'
import { CLIENT_TIMEOUT_MS, drawFate, type Fault, type Weather } from './weather.ts'

export interface Network {
  carry(call: Call): Promise<DspAnswer>
  /** Two of them cannot reach each other for so long. */
  part(one: string, other: string, forMs: number): void
}

export interface NetworkOptions {
  readonly timeline: Timeline
  readonly random: Random
  readonly weather: () => Weather
  readonly connectors: ReadonlyMap<string, Connector>
  readonly tell: (line: string) => void
  readonly strike: (fault: Fault) => void
  readonly defect: (where: string, error: unknown) => void
  /** A peer lied about what came on this path: it may end apart from us. */
  readonly lied: (url: string, from: string) => void
}

export function createNetwork(options: NetworkOptions): Network {
  const { timeline, random, weather, connectors, tell, strike, defect, lied } = options
  const parted = new Map<string, number>()
  /** Messages that were taken already, by receiver and body: what a peer may answer 409 to. */
  const taken = new Set<string>()

  function isParted(one: string, other: string): boolean {
    return (parted.get(pair(one, other)) ?? 0) > timeline.now()
  }

  /** The request arrives: the answer, or null where nobody is there to give one. */
  async function arrive(to: string, call: Call): Promise<DspAnswer | null> {
    const receiver = connectors.get(to)
    if (receiver?.isUp() !== true) return null
    try {
      const answer = await receiver.answer(call)
      if (answer.status < 300 && call.body !== null) taken.add(`${to} ${call.body}`)
      return answer
    } catch (error) {
      if (!(error instanceof ProblemError)) defect(`${to} answers ${call.url}`, error)
      return null
    }
  }

  function carry(call: Call): Promise<DspAnswer> {
    const [from, to] = [nameOf(call.from), hostOf(call.url)]
    const { requestMs, answerMs, copies, lie } = drawFate(random, weather(), strike)
    const what = `${from} → ${to} ${call.body === null ? 'GET' : 'POST'} ${call.url.slice(call.url.indexOf('/dsp'))}`
    for (const { afterMs, token } of call.body === null ? [] : copies) {
      const again = token === 'same' ? call : { ...call, identified: { ...call.identified, replay: null } }
      timeline.after(afterMs, () => {
        tell(`${what} arrives again`)
        void arrive(to, again)
      })
    }
    return new Promise((resolve, reject) => {
      const tooLate = timeline.after(CLIENT_TIMEOUT_MS, () => {
        reject(new ProblemError(problem('peer.unreachable', 'no answer in time')))
      })
      if (requestMs === 'lost' || isParted(from, to)) {
        tell(`${what} is lost`)
        return
      }
      const back = (answer: DspAnswer | null): void => {
        if (answer === null) return
        if (answerMs === 'lost' || isParted(from, to)) {
          tell(`${what} is answered ${String(answer.status)}, and the answer is lost`)
          return
        }
        timeline.after(answerMs, () => {
          tooLate()
          resolve(answer)
        })
      }
      timeline.after(requestMs, () => {
        const told = lieTo(call, to, lie)
        if (told !== null) {
          back(told)
          return
        }
        void arrive(to, call).then(back)
      })
    })
  }

  /** What a peer says instead of doing what it should; null where it does. */
  function lieTo(call: Call, to: string, lie: 'conflicted' | 'refused' | 'forgotten' | null): DspAnswer | null {
    if (lie === null || call.body === null) return null
    if (lie === 'conflicted') {
      // To an opening it would be a lie: whoever asked has no pid to ask again with.
      const isOpening = /\/(?:request|offers)$/.test(call.url) && !/:/.test(new URL(call.url).pathname)
      if (isOpening || !taken.has(`${to} ${call.body}`)) return null
      tell(`${to} answers 409 to what it has taken already`)
      return jsonAnswer(409, {})
    }
    lied(call.url, call.from)
    tell(`${to} lies to ${nameOf(call.from)}: ${lie}`)
    if (lie === 'forgotten') return jsonAnswer(200, {})
    const late = { ...call, identified: { ...call.identified, replay: null } }
    timeline.after(1 + random.int(CLIENT_TIMEOUT_MS), () => void arrive(to, late))
    return jsonAnswer(400, {})
  }

  return {
    carry,
    part: (one, other, forMs) => {
      parted.set(pair(one, other), timeline.now() + forMs)
    },
  }
}

function pair(one: string, other: string): string {
  return [one, other].sort().join(' ')
}

function nameOf(did: string): string {
  return did.slice('did:web:'.length, -'.example'.length)
}

function hostOf(url: string): string {
  return nameOf(`did:web:${new URL(url).hostname}`)
}
