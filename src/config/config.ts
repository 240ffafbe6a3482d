// The configuration as types: what the connector is started with. Every key also stands in connector.schema.ts.

/** Texts for people, by language. */
export interface Names {
  readonly en: string
  readonly zh?: string
}

/** A public key (RFC 7517). Private members are refused. */
export type PublicJwk = { readonly kty: string } & Readonly<Record<string, unknown>>

/** A participant whose keys are given here, so that nothing is fetched for it. */
export interface TrustedParticipant {
  readonly did: string
  readonly name?: string
  readonly keys: readonly PublicJwk[]
}

/** An opaque `Authorization` value that stands for a participant, and the one that we send to it. Lives in Secrets only. */
export interface StaticToken {
  readonly participant: string
  readonly inbound: string
  readonly outbound: string
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What happens without a person, step by step. `manual` waits in the inbox. */
export interface Automation {
  readonly provider: {
    readonly onRequested: 'agree' | 'offer' | 'manual'
    readonly onCounterRequested: 'agree' | 'offer' | 'manual'
    readonly onAccepted: 'agree' | 'manual'
    readonly onVerified: 'finalize' | 'manual'
  }
  readonly consumer: {
    readonly onOffered: 'accept' | 'manual'
    readonly onAgreed: 'verify' | 'manual'
  }
  readonly transfer: {
    readonly onRequested: 'start' | 'manual'
    readonly onPushed: 'complete' | 'manual'
  }
}

/** Everything that can grow has its bound here, with the unit in the name. */
export interface Limits {
  readonly bodyBytesMax: number
  readonly jsonDepthMax: number
  readonly connectionsMax: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly outboxInFlightMax: number
  readonly outboxPerPeerInFlightMax: number
  readonly connectTimeoutMs: number
  readonly answerTimeoutMs: number
  readonly answerBytesMax: number
  readonly dataTokenS: number
  readonly dataTokenWithoutRenewalS: number
  readonly dataStreamsMax: number
  readonly pushesInFlightMax: number
  readonly pushesPerPeerInFlightMax: number
  readonly downloadBytesMax: number
  readonly replayEntriesMax: number
  readonly didCacheEntriesMax: number
  readonly processesPerPeerMax: number
  readonly refusalsPerPeerHourMax: number
  readonly datasetsMax: number
  readonly databaseMibMax: number
  readonly stopGraceMs: number
}

/** Days after which what is over is removed; 0 keeps it for good. Evidence is never removed. */
export interface Retention {
  readonly endedDays: number
  readonly deliveriesDays: number
}

/** Frozen, free of secrets, with every default filled in. */
export interface Config {
  readonly participant: {
    /** Left out: it follows from `public.url` (see derive.ts). */
    readonly did?: string
    readonly name: Names
    readonly claims: Readonly<Record<string, string>>
  }
  readonly public: {
    readonly url: string
    readonly host: string
    readonly port: number
    readonly tls?: { readonly certFile: string; readonly keyFile: string }
  }
  /** `names`: host names under which the port answers, beside addresses and names without a dot. */
  readonly management: {
    readonly host: string
    readonly port: number
    readonly names: readonly string[]
    readonly metrics: 'token' | 'open'
  }
  readonly dataDir: string
  readonly policiesDir: string
  /**
   * `filesDir`: where the relative paths of file sources begin; without it such sources are refused. `sinksDir`: below which data
   * that is pushed to us may be written as files; without it none may.
   */
  readonly data: { readonly filesDir?: string; readonly sinksDir?: string }
  readonly identity: {
    readonly algorithm: 'ES256' | 'EdDSA'
    readonly trustList: readonly TrustedParticipant[]
    readonly admit: 'listed' | 'any'
  }
  readonly outbound: {
    readonly allowHttpHosts: readonly string[]
    readonly allowNetworks: readonly string[]
    readonly proxy?: string
    readonly extraCaFile?: string
  }
  readonly protocol: {
    readonly reactionDelayMs: number
    readonly deliveryDeadlineS: number
    readonly manualDeadlineS: number
    readonly spellings: readonly PeerSpelling[]
  }
  readonly automation: Automation
  readonly limits: Limits
  readonly retention: Retention
  readonly log: { readonly level: LogLevel }
}

/** How ODRL is spelt towards a participant. */
export interface PeerSpelling {
  readonly participant: string
  readonly spelling: 'bare' | 'iri'
}

/** The settings as the schema accepts them: the Config, and the static tokens that are taken out of it. */
export type Settings = Config & { readonly identity: { readonly staticTokens: readonly StaticToken[] } }

/** What is never logged and never part of Config. */
export interface Secrets {
  /** 32 bytes that seal the credentials of sources; `null`: the store keeps its own in `master.key` under the data directory. */
  readonly masterKey: Uint8Array | null
  readonly staticTokens: readonly StaticToken[]
}
