// From the raw files and the environment to settings that the schema accepts, or to every mistake at once. Pure.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { checkSettings } from './checks.ts'
import type { Settings } from './config.ts'
import { CONNECTOR_SCHEMA } from './connector.schema.ts'
import { ENVIRONMENT, STATIC_TOKENS, readEnvironment, type Environment } from './environment.ts'
import { sortFindings, type Finding } from './finding.ts'
import { schemaMistakes, type Mistake } from './mistakes.ts'
import type { RawFile, RawFiles } from './read-files.ts'
import { readYaml, type Source, type YamlSource } from './yaml-source.ts'

export type SettingsRead =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly findings: readonly Finding[] }

/** Where one part of the settings came from. */
interface Origin {
  readonly path: readonly string[]
  /** How a person names it: the variable, or nothing for what stands in the file. */
  readonly variable?: string
  readonly source: Source
  readonly value: unknown
}

const TOKENS_PATH = ['identity', 'staticTokens']
const NOWHERE = { line: 0, column: 0 }
const VARIABLES: Source = { file: ENVIRONMENT, locate: () => NOWHERE }

/**
 * The settings with every default filled in; later origins win: file, variables, file of static tokens.
 * @param raw what `readFiles` read
 * @param env the process environment; only `LINGQU_…` is looked at
 */
export function readSettings(raw: RawFiles, env: Environment): SettingsRead {
  const file = readSource(raw.config)
  const environment = readEnvironment(env)
  const findings: Finding[] = [...file.findings, ...environment.findings]

  const origins: Origin[] = environment.overrides.map((override) => ({ ...override, source: VARIABLES }))
  const tokensFile = raw.secrets[STATIC_TOKENS]
  if (tokensFile !== undefined) {
    const source = readSource(tokensFile)
    findings.push(...source.findings)
    if (source.findings.length === 0) origins.push({ path: TOKENS_PATH, source, value: source.value ?? [] })
  }

  // A file that cannot be read has no settings to judge: what is missing in it would be told again and again.
  if (file.findings.length > 0) return { ok: false, findings: sortFindings(findings) }

  const settings = merged(file.value ?? {}, origins)
  const validate = validator()
  const isValid = validate(settings)
  const mistakes = isValid ? checkSettings(settings) : schemaMistakes(validate.errors ?? [])
  findings.push(...mistakes.map((mistake) => placed(mistake, file, origins)))
  return isValid && findings.length === 0 ? { ok: true, settings } : { ok: false, findings: sortFindings(findings) }
}

function readSource(raw: RawFile): YamlSource {
  if ('text' in raw) return readYaml(raw.file, raw.text)
  const { file, failure } = raw
  const finding = { file, ...NOWHERE, code: 'config.file', message: `cannot be read: ${failure}` }
  return { file, value: undefined, findings: [finding], locate: () => NOWHERE }
}

/** The file's settings with those of the other origins put over them. */
function merged(settings: unknown, origins: readonly Origin[]): unknown {
  return origins.reduce((whole, { path, value }) => put(whole, path, value), settings)
}

function put(into: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  // What is not a map stays, for the schema to refuse.
  if (typeof into !== 'object' || into === null || Array.isArray(into)) return into
  const map: Readonly<Record<string, unknown>> = { ...into }
  return { ...map, [key]: put(map[key] ?? {}, rest, value) }
}

function placed({ path, at, code, message, hint }: Mistake, file: Source, origins: readonly Origin[]): Finding {
  const origin = origins.find((one) => one.path.every((key, index) => path[index] === key))
  const source = origin?.source ?? file
  const place = source.locate(path.slice(origin?.path.length ?? 0), at)
  const name = origin?.variable ?? path.join('.')
  const sentence = name === '' ? message : `${name}: ${message}`
  return { file: source.file, ...place, code, message: sentence, ...(hint === undefined ? {} : { hint }) }
}

let compiled: ValidateFunction<Settings> | undefined

/** Compiled on first use. `allErrors` is right here because the file is ours; it would be wrong on the wire. */
function validator(): ValidateFunction<Settings> {
  compiled ??= new Ajv2020({ allErrors: true, useDefaults: true, verbose: true }).compile<Settings>(CONNECTOR_SCHEMA)
  return compiled
}
