// `lingqu datasets …`: what is published, through the management API.

import { readFile } from 'node:fs/promises'
import { findingLine } from '../config/finding.ts'
import { readYaml } from '../config/yaml-source.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import { columns } from './columns.ts'
import { openManagement } from './management.ts'
import { done, type Command } from './outcome.ts'

interface Dataset {
  readonly '@id': string
  readonly title?: unknown
  readonly formats: readonly string[]
}

export const addDatasets: Command = async ({ positionals: [file = ''] }, io) => {
  const written = await readDatasets(file)
  const added = await (await openManagement(io)).post<Dataset | readonly Dataset[]>('/datasets', written)
  const list = 'formats' in added ? [added] : added
  return done(added, `published ${list.map((dataset) => dataset['@id']).join(', ')}`)
}

export const listDatasets: Command = async (_invocation, io) => {
  const items = await (await openManagement(io)).all<Dataset>('/datasets')
  return done({ items }, columns(items.map(line), 'nothing is published: `lingqu datasets add FILE`'))
}

export const removeDataset: Command = async ({ positionals: [removed = ''] }, io) => {
  await (await openManagement(io)).remove(`/datasets/${encodeURIComponent(removed)}`)
  return done({ removed }, `no longer published: ${removed}`)
}

/** YAML 1.2, of which JSON is a part. Throws `request.malformed` with the place of every mistake. */
async function readDatasets(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new ProblemError(problem('request.malformed', `${file} cannot be read: ${reason}`), { cause })
  })
  const { value, findings } = readYaml(file, text)
  if (findings.length > 0) {
    throw new ProblemError(problem('request.malformed', findings.map(findingLine).join('\n')))
  }
  return value ?? null
}

function line(dataset: Dataset): readonly string[] {
  const { title, formats } = dataset
  return [dataset['@id'], typeof title === 'string' ? title : '', formats.join(' ')]
}
