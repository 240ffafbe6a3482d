// The data address of a transfer that we consume, with a token that works: renewed in time, by one call however many want it.

import { dueAt, endOfLife, tokenLife } from '../domain/delivery/token-life.ts'
import { entry, traceOf } from '../domain/exchange/inbound.ts'
import { isOpen, type Transfer } from '../domain/exchange/transfer.ts'
import type { Store } from '../domain/ledger.ts'
import { plainLine, withoutSecrets } from '../kernel/plain-text.ts'
import type { HttpCall, HttpResponse } from '../kernel/http-call.ts'
import type { Log } from '../kernel/log.ts'
import { orThrow, problem, ProblemError, type Problem } from '../kernel/problem.ts'
import type { Clock, Instant } from '../kernel/time.ts'
import { FORM_TYPE, readRenewed, writeRefresh } from '../protocol/dps/token-renewal.ts'
import { readDataAddress, withToken, type HttpAddress, type RenewedToken } from '../protocol/dsp/data-address.ts'
import { isPush } from '../protocol/dsp/formats.ts'
import { parseRawJson } from '../protocol/raw-json.ts'
import type { IssueForToken } from '../trust/identity.ts'
import type { NewScene } from './ports.ts'
import type { SetTimer } from './timer.ts'

export interface RenewAddressOptions {
  readonly store: Store
  readonly newScene: NewScene
  readonly clock: Clock
  readonly setTimer: SetTimer
  readonly log: Log
  /** Calls peers, through their guard. */
  readonly call: HttpCall
  readonly issueForToken: IssueForToken
  readonly timeoutMs: number
  readonly answerBytesMax: number
}

export interface CurrentAddress {
  readonly address: HttpAddress
  /** When its token stops working, as was announced; null where nothing was. */
  readonly until: Instant | null
}

export interface RenewAddress {
  /**
   * Where the data of a started transfer is, its token renewed where that is due. A renewal that fails leaves the token that is
   * there, until that is over. Throws `resource.unknown`, `format.unsupported` (a push), `transfer.not-started`, and
   * `token.not-renewed` where there is no token any more that could work.
   */
  current(transferPid: string): Promise<CurrentAddress>
  /** After the provider refused this token: the address with another one, or null where there is none. */
  afterRefusal(transferPid: string, refused: string): Promise<HttpAddress | null>
  /** Whether a started transfer has a token that may work. False once it is over and cannot be renewed, or the provider refused to. */
  isUsable(transferPid: string): Promise<boolean>
  /** Renews the token each time that is due, until called off: for as long as somebody fetches. */
  keepFresh(transferPid: string): () => void
}

/** After a renewal that failed, a token that still works is left alone so long. */
const FAILED_PAUSE_MS = 10_000
const FAILURES_KEPT_MAX = 1_000
/** A timer knows no wait of a month, and would fire at once: a token that lives longer is looked at once a day. */
const LOOK_AGAIN_MS = 86_400_000
const JSON_DEPTH_MAX = 8
/** Of what a provider says to a renewal that it refuses. */
const SAID_BYTES_MAX = 4_096
const SAID_LENGTH_MAX = 300

export function createRenewAddress(options: RenewAddressOptions): RenewAddress {
  const { store, newScene, clock, setTimer, log, call, issueForToken, timeoutMs, answerBytesMax } = options
  const underWay = new Map<string, Promise<Problem | null>>()
  const failedAt = new Map<string, Instant>()

  function open(transferPid: string): { readonly transfer: Transfer; readonly address: HttpAddress } {
    const transfer = store.reader.get('transfer', transferPid)
    if (transfer === null || transfer.role !== 'CONSUMER') {
      throw new ProblemError(problem('resource.unknown', 'no such transfer that we are the consumer of'))
    }
    if (isPush(transfer.format)) {
      throw new ProblemError(problem('format.unsupported', 'the provider sends this data; there is nothing to fetch'))
    }
    if (!isOpen(transfer) || transfer.dataAddress === null) {
      throw new ProblemError(
        problem('transfer.not-started', `the transfer is ${transfer.state}, and not open for data`),
      )
    }
    return { transfer, address: orThrow(readDataAddress(transfer.dataAddress)) }
  }

  async function current(transferPid: string): Promise<CurrentAddress> {
    const { transfer, address } = open(transferPid)
    const found = { address, until: endOfLife(address, transfer.addressAt) }
    const life = tokenLife(address, transfer.addressAt, clock())
    if (life === 'fresh' || (life === 'due' && isPausing(transferPid))) return found
    // Without a refresh token it may still be honoured, longer than was said: the provider knows.
    if (address.refreshToken === undefined) return found
    const failure = await renewOnce(transferPid)
    if (failure === null) {
      const renewed = open(transferPid)
      return { address: renewed.address, until: endOfLife(renewed.address, renewed.transfer.addressAt) }
    }
    if (life === 'due') return found
    const sentence = `the data token has expired, and it was not renewed: ${failure.message}`
    throw new ProblemError(problem('token.not-renewed', sentence), { cause: failure })
  }

  function isPausing(transferPid: string): boolean {
    const last = failedAt.get(transferPid)
    return last !== undefined && clock() - last < FAILED_PAUSE_MS
  }

  /** Null when there is another token now, whoever got it. */
  function renewOnce(transferPid: string): Promise<Problem | null> {
    const running = underWay.get(transferPid)
    if (running !== undefined) return running
    const renewing = renew(transferPid).finally(() => underWay.delete(transferPid))
    underWay.set(transferPid, renewing)
    return renewing
  }

  async function renew(transferPid: string): Promise<Problem | null> {
    const { transfer, address } = open(transferPid)
    const askedAt = clock()
    try {
      await keep(transferPid, address, await ask(transfer, address), askedAt)
      failedAt.delete(transferPid)
      return null
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      failedAt.set(transferPid, clock())
      const [oldest] = failedAt.size > FAILURES_KEPT_MAX ? failedAt.keys() : []
      if (oldest !== undefined) failedAt.delete(oldest)
      log.warn('token.not-renewed', { transfer: transferPid, problem: error.problem })
      if (error.problem.code === 'peer.refused') await putRefusal(transferPid, error.problem)
      return error.problem
    }
  }

  async function ask({ counterparty }: Transfer, address: HttpAddress): Promise<RenewedToken> {
    const { authorization, refreshToken = '', refreshEndpoint = address.endpoint } = address
    const headers = {
      authorization: issueForToken(counterparty, authorization),
      'content-type': FORM_TYPE,
      accept: 'application/json',
    }
    const answer = await call({
      method: 'POST',
      url: refreshEndpoint,
      headers,
      body: writeRefresh(refreshToken),
      timeoutMs,
      bodyBytesMax: answerBytesMax,
    })
    const secrets = [headers.authorization, authorization, refreshToken]
    if (answer.status !== 200) throw new ProblemError(refusalOf(answer, secrets))
    const json = parseRawJson(answer.body, { depthMax: JSON_DEPTH_MAX })
    return orThrow(readRenewed(json.ok ? json.value : null))
  }

  /** The new pair in the place of the old one, unless a start has brought another address meanwhile. */
  async function keep(pid: string, { authorization }: HttpAddress, token: RenewedToken, at: Instant): Promise<void> {
    const { self, now } = newScene()
    await store.transact(
      (read) => read.get('transfer', pid),
      (transfer) => {
        const address = transfer?.dataAddress ?? null
        const read = address === null ? null : readDataAddress(address)
        if (transfer === null || address === null || read?.ok !== true || read.value.authorization !== authorization)
          return { write: [], result: null }
        const row = { ...transfer, dataAddress: withToken(address, token), addressAt: at }
        const renewed = entry('token.renewed', row, self, now, { ext: { expiresInS: token.expiresInS } })
        return { write: [{ put: 'transfer', row }, renewed], result: null }
      },
    )
  }

  async function putRefusal(pid: string, reason: Problem): Promise<void> {
    const { self, now } = newScene()
    await store.transact(
      (read) => read.get('transfer', pid),
      (transfer) => ({
        write: transfer === null ? [] : [entry('token.refused', transfer, self, now, { ext: traceOf(reason) })],
        result: null,
      }),
    )
  }

  return {
    current,
    isUsable: async (transferPid) => {
      try {
        const { until } = await current(transferPid)
        return until === null || until > clock()
      } catch (error) {
        // Whoever cannot be reached now has refused nothing.
        if (isRefusal(error)) return false
        throw error
      }
    },
    afterRefusal: async (transferPid, refused) => {
      const { address } = open(transferPid)
      if (address.authorization !== refused) return address
      if (address.refreshToken === undefined) return null
      return (await renewOnce(transferPid)) === null ? open(transferPid).address : null
    },
    keepFresh: (transferPid) => {
      let callOff: (() => void) | null = null
      let isCalledOff = false
      const arm = (): void => {
        if (isCalledOff) return
        const transfer = store.reader.get('transfer', transferPid)
        const read = transfer?.dataAddress ? readDataAddress(transfer.dataAddress) : null
        const due = transfer !== null && read?.ok === true ? dueAt(read.value, transfer.addressAt) : null
        if (due === null) return
        const wait = Math.max(due - clock(), isPausing(transferPid) ? FAILED_PAUSE_MS : 0)
        callOff = setTimer(Math.min(wait, LOOK_AGAIN_MS), () => {
          // Whoever needs the token next learns what is wrong with it.
          void current(transferPid).then(arm, () => undefined)
        })
      }
      arm()
      return () => {
        isCalledOff = true
        callOff?.()
      }
    },
  }
}

function isRefusal(error: unknown): boolean {
  const isOver = error instanceof ProblemError && error.problem.code === 'token.not-renewed'
  return isOver && (error.cause as Problem | undefined)?.code === 'peer.refused'
}

/** What the provider said goes on record; the tokens that it may repeat there do not. */
function refusalOf({ status, body }: HttpResponse, secrets: readonly string[]): Problem {
  const code = status >= 500 || status === 408 || status === 429 ? 'peer.unreachable' : 'peer.refused'
  const text = Buffer.from(body.subarray(0, SAID_BYTES_MAX)).toString('utf8')
  const said = plainLine(withoutSecrets(text, secrets), SAID_LENGTH_MAX)
  return problem(code, `the provider answered ${String(status)}${said === '' ? '' : `: ${said}`}`)
}
