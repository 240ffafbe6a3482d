// `lingqu identity show`: the DID and the public halves of its keys, read from the files; makes nothing.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readPublicJwk, type PublicJwk } from '../domain/trust/suites.ts'
import { orThrow, problem, ProblemError } from '../kernel/problem.ts'
import { done, type Command } from './outcome.ts'
import { inDataDir, readSettings } from './settings.ts'

interface ShownKey {
  readonly id: string
  readonly alg: string
  readonly created: string
  /** It signs; the others are kept so that older tokens still verify. */
  readonly isCurrent: boolean
  readonly publicJwk: PublicJwk
}

export const showIdentity: Command = async (_invocation, io) => {
  const settings = await readSettings(io)
  const { did } = settings.derived
  const keys = await readKeys(inDataDir(settings, 'keys'), settings.config.identity.algorithm)
  const lines = keys.map(({ id, alg, created, isCurrent }) => {
    return `  ${did}#${id}  ${alg}  made ${created}${isCurrent ? '  (signs)' : ''}`
  })
  return done(
    { did, keys },
    [did, ...(lines.length === 0 ? ['  no key yet: the first start makes it'] : lines)].join('\n'),
  )
}

/** In the order of their numbers, as the connector takes them: the newest of the configured algorithm signs. */
async function readKeys(folder: string, algorithm: string): Promise<readonly ShownKey[]> {
  const names = await readdir(folder).catch(() => [])
  const numbers = names.flatMap((name) => /^key-(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number)
  const files = numbers.toSorted((a, b) => a - b).map((number) => join(folder, `key-${String(number)}.json`))
  const keys = await Promise.all(files.map(readKey))
  const current = keys.findLast(({ alg }) => alg === algorithm)
  return keys.map((key) => ({ ...key, isCurrent: key === current }))
}

async function readKey(file: string): Promise<Omit<ShownKey, 'isCurrent'>> {
  try {
    const { kid, alg, created, privateJwk } = JSON.parse(await readFile(file, 'utf8')) as Readonly<
      Record<string, unknown>
    >
    // The private member is taken out before anything else looks at the key.
    const publicJwk = orThrow(readPublicJwk({ ...(privateJwk as Readonly<Record<string, unknown>>), d: undefined }))
    return { id: String(kid), alg: String(alg), created: String(created), publicJwk }
  } catch (cause) {
    // What was read is not repeated: it is a private key, or was one.
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it does not hold a key'
    throw new ProblemError(problem('config.invalid', `${file} cannot be read: ${reason}`), { cause })
  }
}
