// The schema and the types beside it say the same, and every setting is described.

import { describe, expect, test } from 'vitest'
import type { Settings } from '../../../src/config/config.ts'
import { CONNECTOR_SCHEMA, type SettingSchema } from '../../../src/config/connector.schema.ts'
import { settingsOf } from '../../../src/config/environment.ts'

type Leaf = string | number | readonly unknown[]
/** Every key that a type has, optional ones too, down to the values; an open map is a value. */
type Keys<T> = {
  readonly [K in keyof Required<T>]: Required<T>[K] extends Leaf
    ? true
    : string extends keyof Required<T>[K]
      ? true
      : Keys<Required<T>[K]>
}

// The compiler keeps this in step with the types; the test below keeps the schema in step with this.
const KEYS: Keys<Settings> = {
  participant: { did: true, name: { en: true, zh: true }, claims: true },
  public: { url: true, host: true, port: true, tls: { certFile: true, keyFile: true } },
  management: { host: true, port: true, names: true, metrics: true },
  dataDir: true,
  policiesDir: true,
  data: { filesDir: true, sinksDir: true },
  identity: { algorithm: true, trustList: true, staticTokens: true, admit: true },
  outbound: { allowHttpHosts: true, allowNetworks: true, proxy: true, extraCaFile: true },
  protocol: { reactionDelayMs: true, deliveryDeadlineS: true, manualDeadlineS: true, spellings: true },
  automation: {
    provider: { onRequested: true, onCounterRequested: true, onAccepted: true, onVerified: true },
    consumer: { onOffered: true, onAgreed: true },
    transfer: { onRequested: true, onPushed: true },
  },
  limits: {
    bodyBytesMax: true,
    jsonDepthMax: true,
    connectionsMax: true,
    headersTimeoutMs: true,
    requestTimeoutMs: true,
    outboxInFlightMax: true,
    outboxPerPeerInFlightMax: true,
    connectTimeoutMs: true,
    answerTimeoutMs: true,
    answerBytesMax: true,
    dataTokenS: true,
    dataTokenWithoutRenewalS: true,
    dataStreamsMax: true,
    pushesInFlightMax: true,
    pushesPerPeerInFlightMax: true,
    downloadBytesMax: true,
    replayEntriesMax: true,
    didCacheEntriesMax: true,
    processesPerPeerMax: true,
    datasetsMax: true,
    databaseMibMax: true,
    refusalsPerPeerHourMax: true,
    stopGraceMs: true,
  },
  retention: { endedDays: true, deliveriesDays: true },
  log: { level: true },
}

function keysOf(schema: SettingSchema): unknown {
  if (schema.properties === undefined) return true
  return Object.fromEntries(
    Object.entries(schema.properties).flatMap(([key, below]) => (below === false ? [] : [[key, keysOf(below)]])),
  )
}

describe('connector.schema.ts', () => {
  const settings = settingsOf(CONNECTOR_SCHEMA)

  test('has exactly the keys of the types', () => {
    expect(keysOf(CONNECTOR_SCHEMA)).toEqual(KEYS)
  })

  test('gives every setting a variable of its own', () => {
    const variables = settings.map(({ variable }) => variable)
    expect(new Set(variables).size).toBe(variables.length)
    expect(variables).toContain('LINGQU_PROTOCOL__REACTIONDELAYMS')
  })

  test.each(settings)('$variable says in a sentence what it means', ({ schema }) => {
    expect(schema.description).toMatch(/^[A-Z`].*\.$/)
  })

  test.each(settings.filter(({ schema }) => schema.type === 'integer'))(
    '$variable has its unit in its name',
    ({ path }) => {
      expect(path.at(-1)).toMatch(/(Ms|S|Days|Max|^port)$/)
    },
  )

  test.each(settings.filter(({ schema }) => schema.type === 'integer'))(
    '$variable has a default and both bounds',
    ({ schema }) => {
      const { default: fallback, minimum, maximum } = schema
      expect([typeof fallback, typeof minimum, typeof maximum]).toEqual(['number', 'number', 'number'])
    },
  )
})
