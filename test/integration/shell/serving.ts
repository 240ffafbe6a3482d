// A store with everything that a delivery needs, a source that a test holds in its hand, and readers of every patience.

import { NO_REGIME, type Regime } from '../../../src/domain/policy/regime.ts'
import { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import type { OpenedSource, Posted, SourceRequest } from '../../../src/dataplane/opened-source.ts'
import { accessTokenHash, type AccessToken } from '../../../src/domain/delivery/access-token.ts'
import { readConditions, select, UNCONDITIONAL } from '../../../src/domain/delivery/conditions.ts'
import type { AgreementRow, DeliveryRow, Reader, Store, Tables, Write } from '../../../src/domain/ledger.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { instant, later, type Instant } from '../../../src/kernel/time.ts'
import { createServeData, type DataRequest, type ServeData } from '../../../src/shell/serve-data.ts'
import { setTimer } from '../../../src/shell/timer.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import type { PumpResult } from '../../../src/dataplane/pump.ts'
import {
  AGREEMENT_ID,
  agreementAs,
  CONSUMER,
  dataset,
  negotiationAs,
  NOW,
  OWN_PID,
  peer,
  PROVIDER,
  sceneAs,
  transferAs,
} from '../../fixtures/builders.ts'

export const TOKEN = `${'A'.repeat(42)}A` as AccessToken
export const SIZE = 1_000
export const ETAG = '"v1"'

const LINES = { mediaType: 'text/csv', lineBytes: SIZE }

export interface Fields {
  readonly range?: string
  readonly ifRange?: string
  readonly ifNoneMatch?: string
}

/** What a reader got, and how it ended. */
export interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: number
  readonly result: PumpResult
}

export interface Serving {
  readonly store: Store
  readonly serveData: ServeData
  readonly request: (method?: DataRequest['method'], fields?: Fields, more?: Partial<DataRequest>) => DataRequest
  /** Asks and reads; `until` is after how many bytes the reader goes away. */
  readonly get: (fields?: Fields, until?: number, more?: Partial<DataRequest>) => Promise<Got>
  /** Asks and never reads: what it is sent stays where it is. */
  readonly stall: (fields?: Fields) => Promise<{ readonly ended: Promise<PumpResult> }>
  readonly put: (...writes: readonly Write[]) => Promise<void>
  readonly used: () => number
  readonly deliveries: () => readonly DeliveryRow[]
  readonly entries: (type: string) => readonly Readonly<Record<string, unknown>>[]
  /** Sets the clock on. */
  readonly pass: (ms: number) => void
  readonly source: {
    etag: string | null
    size: number
    isSized: boolean
    fails: Error | null
    mediaType: string
    /** Of each line of what it gives. */
    lineBytes: number
    opened: SourceRequest[]
    closed: number
  }
}

export function serving(
  policy: AgreementRow,
  more: { readonly streamsMax?: number; readonly hasTimers?: boolean; readonly regime?: Regime } = {},
): Serving {
  let at: Instant = NOW
  const clock = (): Instant => at
  let n = 0
  const nonce = (): string => (n++).toString(16).padStart(32, '0')
  const store = openStore({ file: ':memory:', now: NOW, origin: PROVIDER, nonce })
  const source: Serving['source'] = {
    etag: ETAG,
    size: SIZE,
    isSized: true,
    fails: null,
    ...LINES,
    opened: [],
    closed: 0,
  }

  const serveData = createServeData({
    store,
    standing: {
      isAdmitted: (participant) => store.reader.get('peer', participant) !== null,
      regime: () => more.regime ?? NO_REGIME,
    },
    openDataset: (_dataset, request) => {
      source.opened.push(request)
      return source.fails === null ? Promise.resolve(opened(source, request)) : Promise.reject(source.fails)
    },
    newScene: () => ({ ...sceneAs('PROVIDER'), now: at }),
    newDeliveryId: () => `urn:uuid:delivery-${String(++n)}`,
    clock,
    log: silentLog,
    setTimer: more.hasTimers === false ? () => () => undefined : setTimer,
    streamsMax: more.streamsMax ?? 10,
  })
  onTestFinished(async () => {
    await serveData.stop()
    store.close()
  })

  const put: Serving['put'] = (...writes) =>
    store.transact(
      () => null,
      () => ({ write: writes, result: undefined }),
    )
  const ready = put(
    { put: 'negotiation', row: negotiationAs('PROVIDER') },
    { put: 'agreement', row: policy },
    { put: 'transfer', row: transferAs('PROVIDER', { state: 'STARTED' }) },
    {
      put: 'dataset',
      row: dataset({ source: { type: 'http', url: 'https://source.example', methods: ['GET', 'HEAD', 'POST'] } }),
    },
    { put: 'peer', row: peer({ did: CONSUMER }) },
    {
      put: 'accessToken',
      row: {
        hash: accessTokenHash(TOKEN),
        transferPid: OWN_PID,
        messageId: 'm' as never,
        expiresAt: later(NOW, 9e9),
        usedAt: NOW,
        refreshHash: null,
        startedAt: NOW,
      },
    },
  )

  const request: Serving['request'] = (method = 'GET', fields = {}, rest = {}) => ({
    ...{ transferPid: OWN_PID, rest: '', query: '', method, purpose: null, canTrail: true },
    authorization: `Bearer ${TOKEN}`,
    conditions: readConditions({ range: fields.range, ifRange: fields.ifRange, ifNoneMatch: fields.ifNoneMatch }),
    readBody: () => Promise.resolve<Posted>({ mediaType: null, bytes: Buffer.from('{}') }),
    ...rest,
  })

  return {
    store,
    serveData,
    request,
    put,
    source,
    get: async (fields, until = Infinity, rest) => {
      await ready
      const { status, headers, send } = await serveData.serve(request('GET', fields, rest))
      const { destination, bytes } = reader(until)
      return { status, headers, result: await send(destination, () => undefined), bytes: bytes() }
    },
    stall: async (fields) => {
      await ready
      const served = await serveData.serve(request('GET', fields))
      const destination = new Writable({ highWaterMark: 1, write: () => undefined })
      return { ended: served.send(destination, () => undefined) }
    },
    used: () => store.reader.get('counter', AGREEMENT_ID, 'use')?.used ?? 0,
    deliveries: () => all(store.reader, 'delivery'),
    entries: (type) =>
      store.reader
        .evidence(0, 1_000)
        .filter((entry) => entry.type === type)
        .map(({ envelope }) => (JSON.parse(envelope) as { ext?: Readonly<Record<string, unknown>> }).ext ?? {}),
    pass: (ms) => {
      at = later(at, ms)
    },
  }
}

function all<T extends keyof Tables>(read: Reader, table: T): readonly Tables[T][] {
  return read.list(table, { after: null, limit: 1_000 })
}

/** Takes pieces until it has had enough, then goes away without a word. */
function reader(until: number): { destination: Writable; bytes: () => number } {
  let bytes = 0
  const destination = new Writable({
    write(piece: Buffer, _encoding, done) {
      bytes += piece.byteLength
      if (bytes >= until) destination.destroy()
      else done()
    },
  })
  destination.on('error', () => undefined)
  return { destination, bytes: () => bytes }
}

/** A source of lines in pieces of 100 bytes that knows conditions. */
function opened(source: Serving['source'], { method, conditions = UNCONDITIONAL }: SourceRequest): OpenedSource {
  const { etag, size, mediaType, lineBytes } = source
  const { answer, part } =
    method === 'POST' ? ({ answer: 'data', part: null } as const) : select(conditions, etag, size)
  const length = part === null ? size : part.last - part.first + 1
  const isEnd = (at: number): boolean => at % lineBytes === lineBytes - 1
  const body = Readable.from(
    (function* () {
      for (let sent = 0; sent < length; sent += 100) {
        const from = (part?.first ?? 0) + sent
        yield Buffer.from(Array.from({ length: Math.min(100, length - sent) }, (_, i) => (isEnd(from + i) ? 10 : 48)))
      }
    })(),
  )
  return {
    ...{
      answer,
      mediaType,
      size: source.isSized ? size : null,
      part,
      etag,
      lastModified: null,
      takesRanges: true,
      digest: null,
      body,
    },
    learn: () => undefined,
    close: async () => {
      source.closed += 1
      body.destroy()
    },
  }
}

/** An agreement on so many uses. */
export function uses(count: number): AgreementRow {
  const constraint = [{ leftOperand: 'count', operator: 'lteq', rightOperand: String(count) }]
  return agreementAs('PROVIDER', { permission: [{ action: 'use', constraint }] })
}

/** An agreement until so many milliseconds from the beginning. */
export function untilMs(ms: number): AgreementRow {
  const rightOperand = new Date(instant(NOW + ms)).toISOString()
  return agreementAs('PROVIDER', {
    permission: [{ action: 'use', constraint: [{ leftOperand: 'dateTime', operator: 'lt', rightOperand }] }],
  })
}
