// The official schemas and examples of DSP 2025-1, read from the folder beside the repository when it is there.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2019 } from 'ajv/dist/2019.js'

const FOLDER = fileURLToPath(new URL('../../../shared/spec/dsp-2025-1/', import.meta.url))

/** Whether there is anything to compare with. */
export const isThere = existsSync(FOLDER)

export interface Example {
  readonly file: string
  readonly type: string
  readonly json: Readonly<Record<string, unknown>>
}

/** Every example that is a message, with its `@type`. */
export function examples(): readonly Example[] {
  return jsonFiles((path) => path.includes('/example/'))
    .map(({ path, json }) => ({ file: basename(path), type: String(json['@type']), json }))
    .filter(({ json }) => '@type' in json)
}

/** Whether the official schema of a type accepts a value. */
export function officialCheck(): (type: string, value: unknown) => boolean {
  const ajv = new Ajv2019({ strict: false })
  const byType = new Map<string, string>()
  for (const { json } of jsonFiles((path) => path.endsWith('-schema.json'))) {
    // Three published schemas refer to `…json#definitions/…`, without the slash that makes it a JSON Pointer.
    const repaired = JSON.parse(
      JSON.stringify(json).replaceAll('json#definitions/', 'json#/definitions/'),
    ) as typeof json
    ajv.addSchema(repaired)
    byType.set(String(json['title']).replace(/Schema$/, ''), String(json['$id']))
  }
  return (type, value) => {
    const validate = ajv.getSchema(byType.get(type) ?? '')
    if (validate === undefined) throw new Error(`there is no official schema of ${type}`)
    return validate(value) as boolean
  }
}

function jsonFiles(wanted: (path: string) => boolean): readonly { path: string; json: Record<string, unknown> }[] {
  if (!isThere) return []
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json') && wanted(path))
    .sort()
    .map((path) => ({ path, json: JSON.parse(readFileSync(`${FOLDER}${path}`, 'utf8')) as Record<string, unknown> }))
}
