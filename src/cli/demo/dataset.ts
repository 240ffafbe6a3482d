// The data set of the demo: a real one, openly licensed, that comes with a development package of this project.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { digestOf } from '../../kernel/digest.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'

export const DATASET_ID = 'urn:dataset:sea-ports'
const PACKAGE = 'sea-ports'

export interface DemoDataset {
  readonly bytes: Uint8Array
  /** `sha-256:<hex>`, computed here, so that what the connectors say can be compared with it. */
  readonly digest: string
  readonly ports: number
  readonly package: string
  readonly version: string
  readonly licence: string
}

/** Throws `source.unknown` where the package is not installed, as in an image without development packages. */
export async function readDemoDataset(): Promise<DemoDataset> {
  try {
    const bytes = await readFile(fileURLToPath(import.meta.resolve('sea-ports/lib/ports.json')))
    const about = await readFile(fileURLToPath(import.meta.resolve('sea-ports/package.json')), 'utf8')
    const { version, license } = JSON.parse(about) as { version: string; license: string }
    const ports = Object.keys(JSON.parse(bytes.toString()) as object).length
    return { bytes, digest: digestOf(bytes), ports, package: PACKAGE, version, licence: license }
  } catch (cause) {
    const sentence = `the data set of the demo comes with the development package ${PACKAGE}: run \`npm ci\` first`
    throw new ProblemError(problem('source.unknown', sentence), { cause })
  }
}
