// What EDC answers where the recording would go on: too fast for it, or where a process of its stands.

import { no, type Answer, type Arrived } from '../../fixtures/edc/edc.ts'

/** The first `times` attempts of each message of a process meet a process that EDC has not stored yet. */
export function tooFast(status: number, times: number): (arrived: Arrived) => Answer | null {
  const attempts = new Map<unknown, number>()
  return ({ path, body }) => {
    if (path.startsWith('/catalog')) return null
    const attempt = (attempts.get(body?.['@id']) ?? 0) + 1
    attempts.set(body?.['@id'], attempt)
    return attempt <= times ? no(path, status, 'the process is not there, or not there yet') : null
  }
}

/** The answer to our GET: the process of the last message that came for it, in that state. */
export function processAt({ path }: Arrived, arrivals: readonly Arrived[], state: string): Answer {
  const { providerPid, consumerPid } =
    arrivals.findLast(({ body }) => body?.providerPid !== undefined && body.consumerPid !== undefined)?.body ?? {}
  const type = path.startsWith('/transfers') ? 'TransferProcess' : 'ContractNegotiation'
  const id = decodeURIComponent(path.split('/').at(-1) ?? '')
  const context = ['https://w3id.org/dspace/2025/1/context.jsonld', 'https://w3id.org/edc/dspace/v0.0.1']
  return { status: 200, body: { '@id': id, '@type': type, consumerPid, providerPid, state, '@context': context } }
}
