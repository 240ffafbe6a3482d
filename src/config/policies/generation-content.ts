// All policy files of one generation as one text that can be kept, and back; and the digest by which they are known.

import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { canonicalJson } from '../../kernel/canonical-json.ts'
import { digestOf } from '../../kernel/digest.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import { FOLDER_BYTES_MAX } from './list-policy-files.ts'
import type { PolicyFile } from './source.ts'

/** What JSON may make of the texts at most: each character an escape of six bytes. */
const UNPACKED_BYTES_MAX = 6 * FOLDER_BYTES_MAX

/** `sha-256:…` over the paths and the digests of the texts, whatever the order of the files. */
export function digestOfFiles(files: readonly PolicyFile[]): string {
  const inOrder = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return digestOf(canonicalJson(inOrder.map(({ path, text }) => [path, digestOf(text)])))
}

/** Compressed, in base64. */
export async function packFiles(files: readonly PolicyFile[]): Promise<string> {
  const packed = await promisify(gzip)(JSON.stringify(files.map(({ path, text }) => [path, text])))
  return packed.toString('base64')
}

/** Throws `store.damaged` where it is not what had this digest. */
export async function unpackFiles(packed: string, digest: string): Promise<readonly PolicyFile[]> {
  const files = await unpacked(packed).catch((cause: unknown) => {
    throw damaged(cause)
  })
  if (digestOfFiles(files) !== digest) throw damaged(null)
  return files
}

async function unpacked(packed: string): Promise<readonly PolicyFile[]> {
  const text = await promisify(gunzip)(Buffer.from(packed, 'base64'), { maxOutputLength: UNPACKED_BYTES_MAX })
  const pairs = JSON.parse(text.toString('utf8')) as readonly (readonly [string, string])[]
  return pairs.map(([path, content]) => ({ path, text: content }))
}

function damaged(cause: unknown): ProblemError {
  return new ProblemError(
    problem('store.damaged', 'the policy files that were kept are not those that were put there'),
    {
      cause,
    },
  )
}
