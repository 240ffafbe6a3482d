// The policy of a template with values in the place of its parameters.

import type { Json } from '../../kernel/canonical-json.ts'
import { nearest } from '../../kernel/nearest.ts'
import { item, member } from '../../protocol/odrl/path.ts'
import { didYouMean, type Mapping } from './house-form.ts'
import type { Parameter, ParameterValue, ParameterValues, ValueComplaint } from './parameters.ts'

export interface Use {
  readonly value: Json
  /** What the places name that no parameter is called. */
  readonly complaints: readonly ValueComplaint[]
}

/**
 * What stands in a template with the values in place of `{ param: NAME }`. A list in a list joins it.
 * @param dayBound the instant at which a day begins or ends, for a date that is compared with an instant
 */
export function putIn(
  raw: Json,
  values: ParameterValues,
  parameters: Readonly<Record<string, Parameter>>,
  dayBound: (date: string, bound: 'begin' | 'end') => string,
): Use {
  const complaints: ValueComplaint[] = []
  const valueOf = (name: string, operator: string | null): ParameterValue => {
    const value = values[name] ?? ''
    if (parameters[name]?.type !== 'date' || operator === null) return value
    const bound = operator === 'lteq' || operator === 'gt' ? 'end' : 'begin'
    return typeof value === 'string' ? dayBound(value, bound) : value.map((date) => dayBound(date, bound))
  }
  const walk = (node: Json, path: string, operator: string | null): Json => {
    const name = paramOf(node)
    if (name !== null) {
      if (Object.hasOwn(parameters, name)) return valueOf(name, operator)
      const meant = nearest(name, Object.keys(parameters))
      const message = `the template has no parameter \`${name}\``
      complaints.push({ path, on: 'value', message, ...(meant !== undefined && { hint: didYouMean(meant) }) })
      return ''
    }
    if (Array.isArray(node)) {
      return (node as readonly Json[]).flatMap((each, index) => {
        const put = walk(each, item(path, index), operator)
        return paramOf(each) !== null && Array.isArray(put) ? (put as readonly Json[]) : [put]
      })
    }
    if (typeof node !== 'object' || node === null) return node
    const members = node as { readonly [key: string]: Json | undefined }
    return Object.fromEntries(
      Object.entries(members).map(([key, value]) => {
        const ordered = key === 'rightOperand' ? members['operator'] : key
        return [key, walk(value ?? null, member(path, key), isOrdered(ordered) ? ordered : null)]
      }),
    )
  }
  return { value: walk(raw, '', null), complaints }
}

function isOrdered(operator: Json | undefined): operator is string {
  return typeof operator === 'string' && ['lt', 'lteq', 'gt', 'gteq', 'eq', 'neq'].includes(operator)
}

/** The name in `{ param: NAME }`; null for anything else. */
export function paramOf(node: Json | undefined): string | null {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return null
  const { param, ...more } = node as { readonly [key: string]: Json | undefined }
  return typeof param === 'string' && Object.keys(more).length === 0 ? param : null
}

/** Every parameter that is named somewhere in it. */
export function paramsIn(node: Json | undefined): readonly string[] {
  const name = paramOf(node)
  if (name !== null) return [name]
  return typeof node === 'object' && node !== null
    ? Object.values(node as Mapping).flatMap((each) => paramsIn(each as Json))
    : []
}
