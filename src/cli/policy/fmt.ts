// `lingqu policy fmt`: writes policy files in their one form, or says with --check which are not.

import { chmod, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findingLine, type Finding } from '../../config/finding.ts'
import { formatPolicy } from '../../config/policies/format.ts'
import { EXIT, UsageError, type Command } from '../outcome.ts'
import { selectPolicies } from './folder.ts'
import { reasonOf } from './named-file.ts'

export const fmt: Command = async (invocation, { env }) => {
  const isCheck = invocation.flag('check')
  const selections = await selectPolicies(invocation.positionals, env)
  const changed: string[] = []
  const findings: Finding[] = []
  let files = 0
  for (const { root, files: all, isAsked } of selections) {
    for (const file of all.filter(({ path }) => isAsked(path))) {
      const path = join(root, file.path)
      files += 1
      const formatted = formatPolicy(file)
      if (!formatted.ok) findings.push(...formatted.findings.map((finding) => ({ ...finding, file: path })))
      else if (formatted.text !== file.text) {
        changed.push(path)
        if (!isCheck) await replace(path, formatted.text)
      }
    }
  }
  const exit = findings.length > 0 || (isCheck && changed.length > 0) ? EXIT.bad : EXIT.good
  const what = isCheck ? 'would be changed' : 'changed'
  const text = [
    ...findings.map(findingLine),
    ...changed.map((path) => `${path} ${what}`),
    `files: ${String(files)}; ${what}: ${String(changed.length)}; cannot be read: ${String(new Set(findings.map(({ file }) => file)).size)}`,
  ].join('\n')
  return { exit, json: { files, changed, findings }, text }
}

/** In one step: whoever watches the folder sees the one text or the other. */
async function replace(path: string, text: string): Promise<void> {
  try {
    // A link goes on leading there, and who may read the file may do so still.
    const place = await realpath(path)
    const { mode } = await stat(place)
    const beside = `${place}.formatted~`
    await writeFile(beside, text)
    await chmod(beside, mode)
    await rename(beside, place)
  } catch (cause) {
    throw new UsageError(`cannot write ${path}: ${reasonOf(cause)}`)
  }
}
