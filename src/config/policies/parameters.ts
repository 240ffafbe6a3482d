// The parameters of a template: what each takes, and whether the values that somebody gives fit. Values are texts, as in ODRL.

import { nearest } from '../../kernel/nearest.ts'
import { item } from '../../protocol/odrl/path.ts'
import { didYouMean, type Mapping } from './house-form.ts'
import { PARAMETER_TYPES, type ParameterType } from './parameter-types.ts'
import type { Texts } from './texts.ts'

export interface Parameter {
  readonly type: ParameterType
  readonly isList: boolean
  /** Null: there is none, and a value must be given. */
  readonly default: ParameterValue | null
  /** Bounds of a value, of the length of a text, or of how many values a list has. */
  readonly min: string | null
  readonly max: string | null
  /** Empty: any. */
  readonly oneOf: readonly string[]
  readonly isRequired: boolean
  readonly title: Texts
}

export type ParameterValue = string | readonly string[]
export type ParameterValues = Readonly<Record<string, ParameterValue>>

/** What is wrong, and where below the mapping of values; the empty path is that of the mapping itself. */
export interface ValueComplaint {
  readonly path: string
  readonly on: 'key' | 'value'
  readonly message: string
  readonly hint?: string
}

/** @param isRegion whether a name is one of this site's own regions */
export function readValues(
  given: Mapping,
  parameters: Readonly<Record<string, Parameter>>,
  isRegion: (name: string) => boolean,
): { readonly values: ParameterValues; readonly complaints: readonly ValueComplaint[] } {
  const complaints: ValueComplaint[] = []
  const values: Record<string, ParameterValue> = {}
  const names = Object.keys(parameters)
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(parameters, name)) continue
    const meant = nearest(name, names)
    const message = `the template has no parameter \`${name}\`; it has ${names.length === 0 ? 'none' : names.join(', ')}`
    complaints.push({ path: name, on: 'key', message, ...(meant !== undefined && { hint: didYouMean(meant) }) })
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    if (!Object.hasOwn(given, name)) {
      if (parameter.default === null || parameter.isRequired)
        complaints.push({
          path: '',
          on: 'value',
          message: `the parameter \`${name}\` needs a value: ${expects(parameter)}`,
        })
      else values[name] = parameter.default
      continue
    }
    const value = readValue(given[name], parameter, name, isRegion, complaints)
    if (value !== null) values[name] = value
  }
  return { values, complaints }
}

/** Null after a complaint. */
export function readValue(
  raw: unknown,
  parameter: Parameter,
  path: string,
  isRegion: (name: string) => boolean,
  complaints: ValueComplaint[],
): ParameterValue | null {
  if (!parameter.isList) return readOne(raw, parameter, path, isRegion, complaints)
  if (!Array.isArray(raw)) {
    complaints.push({ path, on: 'value', message: `expected a list: ${expects(parameter)}` })
    return null
  }
  const texts = raw.map((each: unknown, index) => readOne(each, parameter, item(path, index), isRegion, complaints))
  const few = parameter.min !== null && texts.length < Number(parameter.min)
  const many = parameter.max !== null && texts.length > Number(parameter.max)
  if (few || many || texts.length === 0) {
    const bounds = `${parameter.min ?? '1'} to ${parameter.max ?? 'any number of'}`
    complaints.push({ path, on: 'value', message: `expected ${bounds} values, came ${String(texts.length)}` })
    return null
  }
  return texts.every((text) => text !== null) ? texts : null
}

function readOne(
  raw: unknown,
  { type, isList, min, max, oneOf }: Parameter,
  path: string,
  isRegion: (name: string) => boolean,
  complaints: ValueComplaint[],
): string | null {
  const refuse = (message: string, hint?: string): null => {
    complaints.push({ path, on: 'value', message, ...(hint !== undefined && { hint }) })
    return null
  }
  const { accepts, expects: what, measure } = PARAMETER_TYPES[type]
  const isPlain = typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean'
  const text = isPlain ? String(raw) : ''
  const fits = isPlain && (accepts(text) || (type === 'place' && isRegion(text)))
  if (!fits) return refuse(`expected ${what}, came ${shown(raw)}`)
  if (oneOf.length > 0 && !oneOf.includes(text)) {
    const meant = nearest(text, oneOf)
    return refuse(
      `expected one of ${oneOf.join(', ')}, came ${text}`,
      meant === undefined ? undefined : didYouMean(meant),
    )
  }
  if (isList || measure === null) return text
  const size = measure(text)
  // Bounds of a text are numbers, those of everything else are written as its values are.
  const bound = (written: string): number => (type === 'text' ? Number(written) : measure(written))
  if (min !== null && size < bound(min)) return refuse(`expected at least ${min}, came ${shown(raw)}`)
  if (max !== null && size > bound(max)) return refuse(`expected at most ${max}, came ${shown(raw)}`)
  return text
}

/** What a parameter takes, for a sentence. */
export function expects({ type, isList, oneOf, min, max }: Parameter): string {
  const what = oneOf.length > 0 ? `one of ${oneOf.join(', ')}` : PARAMETER_TYPES[type].expects
  const bounds = [...(min === null ? [] : [`at least ${min}`]), ...(max === null ? [] : [`at most ${max}`])]
  return [isList ? `a list, each value ${what}` : what, ...bounds].join(', ')
}

/** Values with which a template can be tried: its defaults, and else the first that fits. */
export function sampleValues(parameters: Readonly<Record<string, Parameter>>): ParameterValues {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => {
      const { type, isList, oneOf, min, max } = parameter
      const bound = isList || type === 'text' ? null : (min ?? max)
      const one = oneOf[0] ?? bound ?? PARAMETER_TYPES[type].sample
      return [name, parameter.default ?? (isList ? [one] : one)]
    }),
  )
}

/** Samples about which a template says more than their type does. */
export function openSamples(parameters: Readonly<Record<string, Parameter>>): readonly string[] {
  return Object.values(parameters).flatMap(({ type, default: fallback, oneOf }) =>
    PARAMETER_TYPES[type].isOpen && fallback === null && oneOf.length === 0 ? [PARAMETER_TYPES[type].sample] : [],
  )
}

function shown(raw: unknown): string {
  const text = raw === undefined ? 'nothing' : JSON.stringify(raw)
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
