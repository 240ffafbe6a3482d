// The two things that the settings become: the configuration, frozen and free of secrets, and the secrets. Pure.

import type { Config, Secrets } from './config.ts'
import { ENVIRONMENT, MASTER_KEY, isSet, type Environment } from './environment.ts'
import type { Finding } from './finding.ts'
import type { RawFiles } from './read-files.ts'
import { readSettings } from './settings.ts'

export type ConfigRead =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly findings: readonly Finding[] }

export type SecretsRead =
  { readonly ok: true; readonly secrets: Secrets } | { readonly ok: false; readonly findings: readonly Finding[] }

const MASTER_KEY_BYTES = 32

/**
 * The configuration, or every mistake in the settings at once.
 * @param raw what `readFiles` read
 * @param env the process environment
 */
export function toConfig(raw: RawFiles, env: Environment): ConfigRead {
  const read = readSettings(raw, env)
  if (!read.ok) return read
  const { staticTokens, ...identity } = read.settings.identity
  return { ok: true, config: frozen({ ...read.settings, identity }) }
}

/**
 * The secrets, or the mistakes in those that are no settings (the master key). Mistakes in the settings, those in static
 * tokens included, are told by `toConfig` alone; as long as there are any, there are no secrets either.
 */
export function toSecrets(raw: RawFiles, env: Environment): SecretsRead {
  const masterKey = readMasterKey(raw, env)
  const read = readSettings(raw, env)
  if (!masterKey.ok || !read.ok) return { ok: false, findings: masterKey.ok ? [] : [masterKey.finding] }
  const { staticTokens } = read.settings.identity
  return { ok: true, secrets: { masterKey: masterKey.value, staticTokens } }
}

type MasterKeyRead =
  { readonly ok: true; readonly value: Uint8Array | null } | { readonly ok: false; readonly finding: Finding }

function readMasterKey(raw: RawFiles, env: Environment): MasterKeyRead {
  const file = raw.secrets[MASTER_KEY]
  const place = { file: file?.file ?? ENVIRONMENT, line: 0, column: 0 }
  if (file !== undefined && 'failure' in file) {
    return { ok: false, finding: { ...place, code: 'config.file', message: `cannot be read: ${file.failure}` } }
  }
  const text = file === undefined ? env[MASTER_KEY] : file.text
  // An empty variable is not set; an empty file is a key that somebody failed to write.
  if (text === undefined || (file === undefined && !isSet(text))) return { ok: true, value: null }
  const key = keyOf(text.trim())
  if (key !== undefined) return { ok: true, value: key }
  const message = `${MASTER_KEY}: expected ${MASTER_KEY_BYTES} bytes as 64 hexadecimal digits or in base64, got another text`
  return { ok: false, finding: { ...place, code: 'config.secret', message, hint: 'openssl rand -hex 32 makes one' } }
}

function keyOf(text: string): Uint8Array | undefined {
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return Uint8Array.from(Buffer.from(text, 'hex'))
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined
  return Uint8Array.from(Buffer.from(text, 'base64'))
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(frozen)
  }
  return value
}
