// The policies folder from the disk: which files count, and how many and how large they may be.

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { problem, ProblemError } from '../../kernel/problem.ts'
import { POLICY_FILE_CHARS_MAX, type PolicyFile } from './source.ts'

const FILES_MAX = 10_000
const DEPTH_MAX = 4
/** No character takes more than four bytes in UTF-8. */
const FILE_BYTES_MAX = 4 * POLICY_FILE_CHARS_MAX

/**
 * Every `*.yaml`, `*.yml`, `*.json` and `*.jsonld` below the folder, in the order of the paths. Names with a dot in front are
 * left out: Kubernetes keeps the files of a mounted ConfigMap a second time under `..data`. Links are followed, for the same
 * reason. Refuses (`config.invalid`) a folder that is not there, and one that is too large or too deep.
 */
export async function readPolicyFiles(folder: string): Promise<readonly PolicyFile[]> {
  const files: PolicyFile[] = []
  await collect(folder, '', 1, files)
  return files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

async function collect(folder: string, below: string, depth: number, files: PolicyFile[]): Promise<void> {
  for (const name of await list(join(folder, below))) {
    if (name.startsWith('.')) continue
    const path = below === '' ? name : `${below}/${name}`
    const found = await stat(join(folder, path))
    if (found.isDirectory()) {
      if (depth >= DEPTH_MAX) throw refusal(`folders nest at most ${String(DEPTH_MAX)} deep: ${path}`)
      await collect(folder, path, depth + 1, files)
    } else if (/\.(?:ya?ml|json|jsonld)$/.test(name)) {
      if (found.size > FILE_BYTES_MAX)
        throw refusal(`a policy file has at most ${String(FILE_BYTES_MAX)} bytes: ${path}`)
      if (files.length >= FILES_MAX) throw refusal(`at most ${String(FILES_MAX)} policy files`)
      files.push({ path, text: await readFile(join(folder, path), 'utf8') })
    }
  }
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    throw refusal('the policies folder cannot be read', cause)
  }
}

function refusal(message: string, cause?: unknown): ProblemError {
  return new ProblemError(problem('config.invalid', message, 'policiesDir'), { cause })
}
