// What is generated from the code and kept in the repository, so that readers need not run anything.

import { CONNECTOR_SCHEMA } from '../../src/config/connector.schema.ts'
import { EVALUATE_FORMS, evaluateSchema } from '../../src/config/policies/schemas/evaluate.ts'
import { FORMS, schemaOf, type FormKind } from '../../src/config/policies/schemas/kinds.ts'
import { SETTINGS_BEGIN, SETTINGS_END, settingsTable } from '../../src/config/readme-table.ts'
import { OPERANDS, type Operand } from '../../src/domain/policy/operands.ts'
import { TYPES } from '../../src/domain/policy/values.ts'
import { KINDS, PROBLEMS } from '../../src/kernel/problem.ts'

interface Generated {
  readonly begin: string
  readonly end: string
  readonly table: () => string
}

/** The tables of README.md, by the markers around them. */
export const GENERATED: readonly Generated[] = [
  { begin: SETTINGS_BEGIN, end: SETTINGS_END, table: settingsTable },
  { begin: '<!-- problems:begin, written by `npm run docs` -->', end: '<!-- problems:end -->', table: problemsTable },
  { begin: '<!-- operands:begin, written by `npm run docs` -->', end: '<!-- operands:end -->', table: operandsTable },
]

export const SCHEMA_FILE = 'config/connector.schema.json'

export function schemaText(): string {
  return `${JSON.stringify(CONNECTOR_SCHEMA, null, 2)}\n`
}

/** The schemas of policy files and of what `policy evaluate` is given, by the files in which editors find them. */
export const POLICY_SCHEMAS: Readonly<Record<string, () => string>> = {
  ...written(Object.keys(FORMS) as readonly FormKind[], schemaOf),
  ...written(Object.keys(EVALUATE_FORMS) as readonly (keyof typeof EVALUATE_FORMS)[], evaluateSchema),
}

function written<K extends string>(kinds: readonly K[], schema: (kind: K) => object): Record<string, () => string> {
  return Object.fromEntries(
    kinds.map((kind) => [
      `config/policy-schemas/${kind}.schema.json`,
      () => `${JSON.stringify(schema(kind), null, 2)}\n`,
    ]),
  )
}

/** Every code with its kind and what each surface answers. */
export function problemsTable(): string {
  const rows = Object.entries(PROBLEMS).map(([code, kind]) => {
    const { dsp, management, data, retry } = KINDS[kind]
    return `| \`${code}\` | ${kind} | ${dsp} | ${management} | ${data} | ${retry} |`
  })
  const head = ['| code | kind | DSP | management | data | retry helps? |', '| --- | --- | --- | --- | --- | --- |']
  return [...head, ...rows].join('\n')
}

/** Every left operand that is understood: what it is compared with, when, by which fact, and what a decision is worth. */
export function operandsTable(): string {
  const rows = Object.entries<Operand>(OPERANDS).map(
    ([name, { type, operators, from, source, enforcement, label }]) => {
      const taken = operators.map((operator) => `\`${operator}\``).join(' ')
      const value = TYPES[type].expects
      return `| \`${name}\` | ${label.en} ${label.zh} | ${taken} | ${value} | ${from} | ${source} | ${enforcement} |`
    },
  )
  const head = [
    '| operand | meaning | operators | value | decided from | fact | enforcement |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ]
  return [...head, ...rows].join('\n')
}
