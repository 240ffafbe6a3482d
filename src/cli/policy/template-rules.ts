// The rules of a template as people read them: where a parameter stands, its title and what counts where nothing is given.

import { expandRules } from '../../config/policies/house-form.ts'
import type { ParameterValues } from '../../config/policies/parameters.ts'
import type { Template } from '../../config/policies/policy-set.ts'
import { putIn } from '../../config/policies/put-in.ts'
import type { Language } from '../../domain/policy/render/language.ts'
import { collectRules } from '../../protocol/odrl/normalise.ts'
import type { Rules } from '../../protocol/odrl/types.ts'

export function templateRules({ parameters, policy }: Template, language: Language): Rules {
  const values: ParameterValues = Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => {
      const { title, default: given, isList } = parameter
      const named = title[language] ?? title['en'] ?? name
      const shown =
        given === null ? `‹${named}›` : `‹${named}: ${typeof given === 'string' ? given : given.join(', ')}›`
      return [name, isList ? [shown] : shown]
    }),
  )
  const { value } = putIn(policy, values, parameters, (date) => date)
  // The template was checked when it was read.
  const { raw } = expandRules(value as Readonly<Record<string, unknown>>, () => undefined)
  return collectRules(raw).value ?? {}
}
