// The files of the repository as a list, found without git so that it works in an unpacked archive too.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Never part of a checkout: what .gitignore names, and git's own folder. */
const OUTSIDE = new Set(['.git', 'node_modules', 'data', 'coverage', '.cache'])
const TEXT = /(\.(ts|js|mjs|json|jsonld|ya?ml|md|sql|html|css|sh|txt)|^Dockerfile|^LICENSE|^\.[a-z]+(\.json)?|\/run)$/

/** Paths from the root, with forward slashes, of all files below `folder` that are text; none when it is not there. */
export function textFiles(folder = ''): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return OUTSIDE.has(path) ? [] : textFiles(path)
    return entry.isFile() && TEXT.test(path) ? [path] : []
  })
}

/** The text of a file by its path from the root; empty when it is not there, so that a test can say what is missing. */
export function textOf(path: string): string {
  const file = join(ROOT, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
