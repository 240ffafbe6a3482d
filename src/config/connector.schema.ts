// Every setting: its type, default, bounds and meaning (JSON Schema 2020-12). Defaults stand here and nowhere else.
// `npm run docs` writes this down as config/connector.schema.json (for editors) and as the table in README.md.
// It is code rather than a file beside connector.yaml because config/ is a mount that may hide what the image carries.

export interface SettingSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer'
  readonly description: string
  readonly default?: unknown
  readonly examples?: readonly string[]
  readonly properties?: Readonly<Record<string, SettingSchema | false>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | { readonly type: 'string'; readonly maxLength: number }
  readonly items?: SettingSchema
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly maxProperties?: number
  readonly minimum?: number
  readonly maximum?: number
}

type Settings = NonNullable<SettingSchema['properties']>

/** A map of known settings; an unknown key is a mistake. It is there even when the file does not name it. */
function group(description: string, properties: Settings): SettingSchema {
  return { type: 'object', description, additionalProperties: false, properties, default: {} }
}

/** A map that may be absent as a whole; if it is there, the `required` ones must be. */
function record(description: string, properties: Settings, required: readonly string[]): SettingSchema {
  return { type: 'object', description, additionalProperties: false, properties, required }
}

/** A number of `unit`s, which the setting's name repeats. */
function integer(description: string, fallback: number, minimum = 1, maximum = Number.MAX_SAFE_INTEGER): SettingSchema {
  return { type: 'integer', description, default: fallback, minimum, maximum }
}

function text(description: string, more: Partial<SettingSchema> = {}): SettingSchema {
  return { type: 'string', description, minLength: 1, maxLength: 2048, ...more }
}

function oneOf(description: string, values: readonly string[], fallback: string): SettingSchema {
  return { type: 'string', description, enum: values, default: fallback }
}

function list(description: string, items: SettingSchema, itemsMax: number): SettingSchema {
  return { type: 'array', description, items, maxItems: itemsMax, default: [] }
}

const SECONDS_OF_A_YEAR = 31_622_400
const TIMER_MS_MAX = 2_147_483_647

const AUTHORIZATION = { pattern: '^[!-~]+( [!-~]+)*$', examples: ['Bearer …'] }
const DID = { pattern: '^did:[a-z0-9]+:[A-Za-z0-9._:%-]+$', examples: ['did:web:connector.example'] }

const PUBLIC_KEY: SettingSchema = {
  type: 'object',
  description: 'A public key as a JWK.',
  required: ['kty'],
  properties: { kty: text('Key type.', { examples: ['EC'] }), d: false, k: false },
  additionalProperties: true,
}

export const CONNECTOR_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Settings of a Lingqu connector',
  type: 'object',
  description: 'Settings of a Lingqu connector.',
  additionalProperties: false,
  properties: {
    participant: group('Who this connector speaks for.', {
      did: text('DID of the participant. Left out: the did:web of `public.url`.', DID),
      name: group('Name shown to people.', {
        en: text('Name in English.', { default: 'Lingqu connector', maxLength: 200 }),
        zh: text('Name in Chinese.', { maxLength: 200 }),
      }),
      claims: {
        type: 'object',
        description: 'Claims about the participant that its own policies may use.',
        default: {},
        maxProperties: 100,
        additionalProperties: { type: 'string', maxLength: 2048 },
        examples: ['{"country":"CN"}'],
      },
    }),

    public: group('The port that peers reach.', {
      url: text('Origin under which peers reach this connector. With the host `localhost` it runs in loopback mode.', {
        default: 'http://localhost:8181',
        examples: ['https://connector.example'],
      }),
      host: text('Address to listen on.', { default: '127.0.0.1', maxLength: 253 }),
      port: integer('Port to listen on.', 8181, 1, 65_535),
      tls: record(
        'Certificate and key, if the connector itself ends TLS. Left out: plain HTTP, for a TLS proxy in front.',
        { certFile: text('PEM file of the certificate chain.'), keyFile: text('PEM file of the private key.') },
        ['certFile', 'keyFile'],
      ),
    }),

    management: group('The port of the operator. Keep it off the public network.', {
      host: text('Address to listen on.', { default: '127.0.0.1', maxLength: 253 }),
      port: integer('Port to listen on.', 8182, 1, 65_535),
      names: list(
        'Host names under which this port is reached, beside addresses, `localhost` and names without a dot.',
        text('A host name.', {
          pattern: '^[A-Za-z0-9._-]+$',
          maxLength: 253,
          examples: ['connector.internal.example'],
        }),
        100,
      ),
      metrics: oneOf(
        'Who may read `/metrics`: whoever has a management `token`, or (`open`) whoever reaches this port.',
        ['token', 'open'],
        'token',
      ),
    }),

    dataDir: text('Directory of the database, keys and tokens; the only one that is written to.', { default: 'data' }),
    policiesDir: text('Directory of the policy files.', { default: 'policies' }),
    data: group('Data that is served.', {
      filesDir: text(
        'Directory below which the relative paths of file sources lie. Left out: only absolute ones work.',
      ),
      sinksDir: text('Directory below which data that is pushed here may be written as files. Left out: none may.'),
    }),

    identity: group('How peers are recognised.', {
      algorithm: oneOf('Algorithm of the keys that are generated.', ['ES256', 'EdDSA'], 'ES256'),
      trustList: list(
        'Participants whose keys are given here; their DID documents are never fetched.',
        record(
          'A participant and its keys.',
          {
            did: text('DID of the participant.', DID),
            name: text('Name for people.', { maxLength: 200 }),
            keys: {
              type: 'array',
              description: 'Its public keys (JWK).',
              items: PUBLIC_KEY,
              minItems: 1,
              maxItems: 20,
            },
          },
          ['did', 'keys'],
        ),
        1000,
      ),
      staticTokens: list(
        'Opaque `Authorization` values for closed set-ups and test kits. A secret: kept out of the configuration in memory.',
        record(
          'A participant and the values in both directions.',
          {
            participant: text('Id of the participant.'),
            inbound: text('The whole `Authorization` value by which it is recognised.', AUTHORIZATION),
            outbound: text('The whole `Authorization` value that is sent to it.', AUTHORIZATION),
          },
          ['participant', 'inbound', 'outbound'],
        ),
        1000,
      ),
      admit: oneOf(
        'Who may speak to this connector: `listed` peers, or `any` that proves its DID.',
        ['listed', 'any'],
        'listed',
      ),
    }),

    outbound: group('Calls to others. Without these, peers must have https and public addresses.', {
      allowHttpHosts: list(
        'Hosts (`host` or `host:port`) that may be called over plain http.',
        text('A host.', {
          pattern: '^([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$',
          examples: ['connector-b:8181'],
        }),
        1000,
      ),
      allowNetworks: list(
        'Networks (CIDR) whose private addresses may be called.',
        text('A network.', { pattern: '^[0-9A-Fa-f:.]+/[0-9]{1,3}$', examples: ['10.20.0.0/16'] }),
        1000,
      ),
      proxy: text('HTTP proxy for all outgoing calls. Names are then checked, but addresses are not pinned.', {
        pattern: '^https?://[^/@?#\\s]+/?$',
        examples: ['http://proxy.example:3128'],
      }),
      extraCaFile: text('PEM file of further certificate authorities to trust.'),
    }),

    protocol: group('Timing of the protocol, and what single peers need.', {
      reactionDelayMs: integer('Wait before an automatic answer.', 0, 0, 60_000),
      deliveryDeadlineS: integer('How long a message is tried before its process ends.', 86_400, 1, SECONDS_OF_A_YEAR),
      manualDeadlineS: integer(
        'How long a step waits for a person before its process ends.',
        604_800,
        1,
        SECONDS_OF_A_YEAR,
      ),
      spellings: list(
        'Peers that compare the terms of ODRL as texts and do not know them as `odrl:…`, which everybody else gets.',
        record(
          'A participant and what it is sent.',
          {
            participant: text('Id of the participant.'),
            spelling: oneOf('Bare terms (`count`), or whole IRIs.', ['bare', 'iri'], 'bare'),
          },
          ['participant'],
        ),
        1000,
      ),
    }),

    automation: group('What happens without a person; `manual` waits in the inbox.', {
      provider: group('Where this connector provides.', {
        onRequested: oneOf('Answer to a request.', ['agree', 'offer', 'manual'], 'agree'),
        onCounterRequested: oneOf('Answer to a counter-request.', ['agree', 'offer', 'manual'], 'manual'),
        onAccepted: oneOf('Answer to an accepted offer.', ['agree', 'manual'], 'agree'),
        onVerified: oneOf('Answer to a verified agreement.', ['finalize', 'manual'], 'finalize'),
      }),
      consumer: group('Where this connector consumes.', {
        onOffered: oneOf('Answer to an offer.', ['accept', 'manual'], 'manual'),
        onAgreed: oneOf('Answer to an agreement.', ['verify', 'manual'], 'verify'),
      }),
      transfer: group('Transfers.', {
        onRequested: oneOf('Answer to a transfer request.', ['start', 'manual'], 'start'),
        onPushed: oneOf('When all of a push has arrived.', ['complete', 'manual'], 'complete'),
      }),
    }),

    limits: group('Every bound, with its unit in the name.', {
      bodyBytesMax: integer('Largest body of a request.', 1_048_576, 1024, 67_108_864),
      jsonDepthMax: integer('Deepest nesting of JSON.', 64, 8, 512),
      connectionsMax: integer('Connections open at a time on the public port.', 2000),
      headersTimeoutMs: integer('Time for a request to send its headers.', 10_000, 1, TIMER_MS_MAX),
      requestTimeoutMs: integer('Time for a request to arrive whole.', 30_000, 1, TIMER_MS_MAX),
      outboxInFlightMax: integer('Messages under way at a time.', 64, 1, 10_000),
      outboxPerPeerInFlightMax: integer('Messages under way at a time to one peer.', 8, 1, 10_000),
      connectTimeoutMs: integer('Time to connect to a peer.', 5_000, 1, TIMER_MS_MAX),
      answerTimeoutMs: integer('Time for a peer to answer.', 10_000, 1, TIMER_MS_MAX),
      answerBytesMax: integer("Largest body of a peer's answer.", 1_048_576, 1024, 67_108_864),
      dataTokenS: integer('Life of a data token that is renewed.', 300, 1, SECONDS_OF_A_YEAR),
      dataTokenWithoutRenewalS: integer(
        'Longest life of a data token that its holder does not renew.',
        86_400,
        1,
        SECONDS_OF_A_YEAR,
      ),
      dataStreamsMax: integer('Deliveries under way at a time.', 256, 1, 100_000),
      pushesInFlightMax: integer('Pushes of data under way at a time.', 16, 1, 10_000),
      pushesPerPeerInFlightMax: integer('Pushes of data under way at a time to one peer.', 4, 1, 10_000),
      downloadBytesMax: integer('Largest delivery that is accepted from a peer.', 1_099_511_627_776),
      replayEntriesMax: integer('Tokens of reads that are remembered against replay.', 100_000),
      didCacheEntriesMax: integer('DID documents kept.', 1000),
      processesPerPeerMax: integer('Processes that one peer may have open.', 10_000),
      refusalsPerPeerHourMax: integer('Refused messages of one peer that go on record in an hour.', 10_000),
      datasetsMax: integer('Datasets that may be published.', 200_000, 1, 5_000_000),
      databaseMibMax: integer('Size that the database may not outgrow; 0: as far as the disk goes.', 0, 0, 16_777_216),
      stopGraceMs: integer('Time for what is in flight to finish when the connector stops.', 7_000, 0, TIMER_MS_MAX),
    }),

    retention: group('How long what is over is kept. Evidence is kept for good; 0 keeps the rest for good too.', {
      endedDays: integer(
        'Processes and agreements after their end, with their messages, offers and tokens.',
        1_096,
        0,
        36_525,
      ),
      deliveriesDays: integer('Deliveries of data after their end.', 1_096, 0, 36_525),
    }),

    log: group('Log lines, JSON on stderr.', {
      level: oneOf('The least that is logged.', ['debug', 'info', 'warn', 'error'], 'info'),
    }),
  },
} as const satisfies SettingSchema & { readonly $schema: string; readonly title: string }
