// Settings that come from environment variables: which variable is which setting, and what its text means.

import { nearest } from '../kernel/nearest.ts'
import { CONNECTOR_SCHEMA, type SettingSchema } from './connector.schema.ts'
import type { Finding } from './finding.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const PREFIX = 'LINGQU_'
/** The file that stands for the place in findings about variables. */
export const ENVIRONMENT = 'environment'

/** Secrets that may also come from a file: the variable with `_FILE` behind it names that file. */
export const MASTER_KEY = 'LINGQU_MASTER_KEY'
export const STATIC_TOKENS = 'LINGQU_IDENTITY__STATICTOKENS'
export const SECRET_VARIABLES = [MASTER_KEY, STATIC_TOKENS] as const

/** Short names that are pinned beside the systematic ones. `LINGQU_CONFIG` names the file itself. */
export const CONFIG_VARIABLE = 'LINGQU_CONFIG'
const DATA_VARIABLE = 'LINGQU_DATA'
const DATA_DIR = 'LINGQU_DATADIR'

/** A setting that has no settings below it: a value, a list, or an open map. */
export interface Setting {
  readonly path: readonly string[]
  readonly variable: string
  readonly schema: SettingSchema
}

/** All settings of the schema, in its order. */
export function settingsOf(schema: SettingSchema, path: readonly string[] = []): readonly Setting[] {
  if (schema.properties === undefined) return [{ path, variable: variableOf(path), schema }]
  return Object.entries(schema.properties).flatMap(([key, below]) => {
    return below === false ? [] : settingsOf(below, [...path, key])
  })
}

/** `['public', 'port']` → `LINGQU_PUBLIC__PORT`. */
function variableOf(path: readonly string[]): string {
  return PREFIX + path.map((key) => key.toUpperCase()).join('__')
}

/** What one variable says; `value` is typed by the schema as far as its text allows. */
export interface Override {
  readonly path: readonly string[]
  readonly variable: string
  readonly value: unknown
}

/**
 * The settings that the environment overrides. Variables with an empty text count as not set, because container tools pass
 * them so. Refuses unknown `LINGQU_…` names, naming the nearest known one, and two variables that set the same thing.
 */
export function readEnvironment(env: Environment): { overrides: readonly Override[]; findings: readonly Finding[] } {
  const settings = settingsOf(CONNECTOR_SCHEMA)
  const known = new Set([...settings.map(({ variable }) => variable), ...otherVariables()])
  const given = Object.keys(env).filter((name) => name.startsWith(PREFIX) && isSet(env[name]))

  const findings: Finding[] = given.filter((name) => !known.has(name)).map((name) => unknownVariable(name, known))
  for (const [one, other] of [[DATA_VARIABLE, DATA_DIR] as const, ...SECRET_VARIABLES.map(fileVariant)]) {
    if (isSet(env[one]) && isSet(env[other])) {
      const message = `${one} and ${other} are both set: expected one of them`
      findings.push({ file: ENVIRONMENT, line: 0, column: 0, code: 'config.environment', message })
    }
  }

  const overrides: Override[] = settings.flatMap(({ path, variable, schema }) => {
    const name = variable === DATA_DIR && isSet(env[DATA_VARIABLE]) ? DATA_VARIABLE : variable
    const text = env[name]
    return text !== undefined && isSet(text) ? [{ path, variable: name, value: typed(text, schema) }] : []
  })
  return { overrides, findings }
}

export function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}

/** `LINGQU_MASTER_KEY` → `LINGQU_MASTER_KEY`, `LINGQU_MASTER_KEY_FILE`. */
function fileVariant(variable: string): readonly [string, string] {
  return [variable, `${variable}_FILE`]
}

function otherVariables(): readonly string[] {
  return [CONFIG_VARIABLE, DATA_VARIABLE, ...SECRET_VARIABLES.flatMap(fileVariant)]
}

function unknownVariable(name: string, known: ReadonlySet<string>): Finding {
  // The prefix is common to all: compared with it, every short name would seem near.
  const meant = nearest(
    name.slice(PREFIX.length),
    [...known].map((variable) => variable.slice(PREFIX.length)),
  )
  const hint = meant === undefined ? {} : { hint: `did you mean ${PREFIX}${meant}?` }
  const message = `unknown variable ${name}`
  return { file: ENVIRONMENT, line: 0, column: 0, code: 'config.unknown-variable', message, ...hint }
}

/** A text that does not fit the type stays a text, and the schema refuses it with the rest. */
function typed(text: string, { type }: SettingSchema): unknown {
  if (type === 'string') return text
  if (type === 'integer') return /^-?\d{1,16}$/.test(text) ? Number(text) : text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
