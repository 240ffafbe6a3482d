// The settings as a Markdown table, for the README: generated, so that it cannot be wrong. Pure.

import { CONNECTOR_SCHEMA } from './connector.schema.ts'
import { settingsOf, type Setting } from './environment.ts'

export const SETTINGS_BEGIN = '<!-- settings:begin, written by `npm run docs` -->'
export const SETTINGS_END = '<!-- settings:end -->'

/** One row a setting: key, variable, default, meaning. */
export function settingsTable(): string {
  const rows = settingsOf(CONNECTOR_SCHEMA).map(rowOf)
  return ['| setting | variable | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function rowOf({ path, variable, schema }: Setting): string {
  const fallback = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default).replaceAll('"', '')}\``
  const values = schema.enum === undefined ? '' : ` One of ${schema.enum.map((value) => `\`${value}\``).join(', ')}.`
  return `| \`${path.join('.')}\` | \`${variable}\` | ${fallback} | ${cell(schema.description + values)} |`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

/**
 * The document with the text between two markers replaced; `undefined` when it does not have both, once and in this order.
 * The markers for the formatter are put around it, because a table of generated width would be padded to its longest cell.
 */
export function withGenerated(document: string, begin: string, end: string, generated: string): string | undefined {
  const [before, after, ...more] = document.split(begin)
  if (before === undefined || after === undefined || more.length > 0) return undefined
  const at = after.indexOf(end)
  if (at < 0) return undefined
  const inside = `\n\n<!-- prettier-ignore-start -->\n\n${generated}\n\n<!-- prettier-ignore-end -->\n\n`
  return before + begin + inside + after.slice(at)
}
