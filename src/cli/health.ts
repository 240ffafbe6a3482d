// `lingqu health`: whether the connector of these settings serves. What the health check of a container calls.

import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { problem, ProblemError } from '../kernel/problem.ts'
import { reachable } from './management.ts'
import { done, EXIT, type Command } from './outcome.ts'
import { readSettings } from './settings.ts'

/** Less than a container's own patience with a health check, so that the reason is told. */
const TIMEOUT_MS = 3_000

/** Good where `/readyz` of the public port says so; throws `peer.unreachable` where nothing answers. */
export const health: Command = async (_invocation, io) => {
  const { host, port, tls } = (await readSettings(io)).config.public
  const url = `${tls === undefined ? 'http' : 'https'}://${reachable(host)}:${String(port)}/readyz`
  const status = await statusOf(url, io.stopped)
  if (status === 200) return done({ ready: true }, 'ready')
  return {
    exit: EXIT.bad,
    json: { ready: false },
    text: `not ready: ${url} answered ${String(status)}; the log says why`,
  }
}

function statusOf(url: string, stopped: AbortSignal): Promise<number> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)])
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void => {
      reject(
        new ProblemError(problem('peer.unreachable', `no connector answers at ${url}: ${cause.message}`), { cause }),
      )
    }
    // The certificate is for the name that peers use, not for this address. Nothing is sent that another listener could use.
    const request = url.startsWith('https:')
      ? requestHttps(url, { signal, agent: false, rejectUnauthorized: false })
      : requestHttp(url, { signal, agent: false })
    request.once('error', failed)
    request.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.end()
  })
}
