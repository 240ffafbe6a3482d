// Templates as a diff compares them: put to use with their defaults, and with samples for what has none.

import type { Context } from '../../config/policies/context.ts'
import { instantiate } from '../../config/policies/made-from.ts'
import { expects, sampleValues, type Parameter } from '../../config/policies/parameters.ts'
import type { PolicySet, Template } from '../../config/policies/policy-set.ts'
import type { Change } from '../../domain/policy/analysis/rule-lines.ts'
import { compilePolicyFully } from '../../domain/policy/compile.ts'
import type { CompiledPolicy } from '../../domain/policy/compiled.ts'
import type { Rules } from '../../protocol/odrl/types.ts'

export interface DiffTemplate {
  readonly id: string
  readonly rules: Rules
  readonly policy: CompiledPolicy
  readonly parameters: Readonly<Record<string, Parameter>>
}

/** Those that make a policy with their samples: all that `policy check` accepts. */
export function diffTemplates(
  templates: readonly Template[],
  { vocab, defaults }: Pick<PolicySet, 'vocab' | 'defaults'>,
): readonly DiffTemplate[] {
  const context: Context = { vocab, defaults, templates: new Map(), broken: new Set(), print: '' }
  return templates.flatMap((template) => {
    const { rules } = instantiate(template, sampleValues(template.parameters), context)
    const { id, parameters } = template
    return rules === null ? [] : [{ id, rules, policy: compilePolicyFully(rules).value, parameters }]
  })
}

/** What the parameters take otherwise than before, a line each. */
export function parameterChanges(before: DiffTemplate, after: DiffTemplate): readonly Change[] {
  const names = new Set([...Object.keys(before.parameters), ...Object.keys(after.parameters)])
  return [...names].flatMap((name) => {
    const [was, is] = [lineOf(name, before), lineOf(name, after)]
    return was === is ? [] : [{ before: was, after: is }]
  })
}

function lineOf(name: string, { parameters }: DiffTemplate): string | null {
  const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (parameter === undefined) return null
  const { default: usual, isRequired } = parameter
  const value = usual === null ? '' : `, default ${[usual].flat().join(', ')}`
  return `parameter ${name}: ${expects(parameter)}${value}${isRequired ? ', required' : ''}`
}
