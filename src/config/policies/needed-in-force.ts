// What of a folder has to be read when it is in force already, and known to be good: a start must not wait for the rest.

import { kindOf } from './read-file.ts'
import type { PolicyFile } from './source.ts'

/**
 * Without tests, and without templates that no offer can be made from. A guess by names, and made so that it is safe: where a
 * template is missing after all, its offer has a mistake, and the caller reads the whole folder.
 */
export function neededInForce(files: readonly PolicyFile[]): readonly PolicyFile[] {
  const texts = files.filter((file) => kindOf(file) === 'offer' || kindOf(file) === 'guardrail').map(({ text }) => text)
  return files.filter((file) => {
    const kind = kindOf(file)
    return kind !== 'test' && (kind !== 'template' || texts.some((text) => text.includes(nameOf(file))))
  })
}

/** By which offers name it: the file's own name without its ending. */
function nameOf({ path }: PolicyFile): string {
  return path.replace(/^.*\//, '').replace(/\.[^.]+$/, '')
}
