// Reads what the configuration is made of; everything after this is pure.

import { readFile } from 'node:fs/promises'
import { CONFIG_VARIABLE, SECRET_VARIABLES, isSet, type Environment } from './environment.ts'

const DEFAULT_FILE = 'config/connector.yaml'
const FILE_BYTES_MAX = 1_048_576

/** A file that was named, with its text, or why it could not be read. */
export type RawFile = { readonly file: string } & ({ readonly text: string } | { readonly failure: string })

export interface RawFiles {
  readonly config: RawFile
  /** Files that `LINGQU_…_FILE` names, by the variable without `_FILE`. */
  readonly secrets: Readonly<Record<string, RawFile>>
}

/** Reads the file that `LINGQU_CONFIG` names (else `config/connector.yaml`) and the files of secrets. Never throws. */
export async function readFiles(env: Environment): Promise<RawFiles> {
  const named = SECRET_VARIABLES.flatMap((variable) => {
    const file = env[`${variable}_FILE`]
    return isSet(file) ? [{ variable, file }] : []
  })
  const configFile = env[CONFIG_VARIABLE]
  const config = await readOne(isSet(configFile) ? configFile : DEFAULT_FILE)
  const secrets = await Promise.all(named.map(async ({ variable, file }) => [variable, await readOne(file)] as const))
  return { config, secrets: Object.fromEntries(secrets) }
}

async function readOne(file: string): Promise<RawFile> {
  try {
    const bytes = await readFile(file)
    if (bytes.byteLength > FILE_BYTES_MAX) {
      return { file, failure: `expected at most ${FILE_BYTES_MAX} bytes, got ${bytes.byteLength}` }
    }
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (cause) {
    return { file, failure: reasonOf(cause) }
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES') return 'it may not be read by this user'
  if (code === 'EISDIR') return 'expected a file, got a directory'
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'expected UTF-8, got other bytes'
  return code === '' ? String(cause) : code
}
