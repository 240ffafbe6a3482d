// What holds for all files of the folder: the time zone of its days, the language of its messages, its limits.

import { POLICY_LIMITS } from '../../protocol/odrl/limits.ts'
import { isTimeZone } from './days.ts'
import { findingAt } from './codes.ts'
import { hasForm } from './form.ts'
import type { Defaults } from './policy-set.ts'
import type { Report } from './report.ts'
import type { Source } from './source.ts'

export const DEFAULTS: Defaults = {
  timezone: 'Asia/Shanghai',
  language: 'en',
  limits: {
    offersMax: 10_000,
    rulesMax: POLICY_LIMITS.rulesMax,
    constraintsMax: POLICY_LIMITS.constraintsMax,
    valuesMax: POLICY_LIMITS.valuesMax,
  },
}

/** What the file says over what holds without it; null after a complaint. */
export function readDefaultsFile(source: Source, file: string, report: Report): Defaults | null {
  if (!hasForm('defaults', source, file, report)) return null
  const { limits = {}, ...said } = source.value as Partial<Defaults>
  const defaults = { ...DEFAULTS, ...said, limits: { ...DEFAULTS.limits, ...limits } }
  if (isTimeZone(defaults.timezone)) return defaults
  const { line, column } = source.spotOf('timezone')
  const message = `expected an IANA time zone, came ${defaults.timezone}`
  report.add(findingAt({ file, line, column }, 'form', message, { hint: 'for example Asia/Shanghai' }))
  return null
}
