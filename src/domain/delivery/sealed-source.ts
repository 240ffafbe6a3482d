// A source as it rests in the database: its credentials sealed, everything else readable.

import type { Result } from '../../kernel/problem.ts'
import { good } from '../../kernel/problem.ts'
import type { DataSource, FileSource, HttpSource, S3Source } from './data-source.ts'

/** A secret that only the master key opens. An object, so that it can never be taken for the secret itself. */
export interface Sealed {
  readonly sealed: string
}

export interface SealedHttpSource extends Omit<HttpSource, 'headers'> {
  readonly headers?: Readonly<Record<string, Sealed>>
}

export interface SealedS3Source extends Omit<S3Source, 'secretAccessKey'> {
  readonly secretAccessKey: Sealed
}

export type SealedSource = FileSource | SealedHttpSource | SealedS3Source

/** Seals a secret of a thing for one place in it: what was sealed there opens nowhere else. */
export type SealSecret = (secret: string, owner: string, member: string) => Sealed
/** Opens it again, or refuses with `secret.sealed`. */
export type OpenSecret = (sealed: Sealed, owner: string, member: string) => Result<string>

/** What is shown in place of a secret, here and wherever one was given. */
export const SEALED_SHOWN = 'sealed'

/** @param owner the id of the dataset */
export function sealSource(source: DataSource, owner: string, seal: SealSecret): SealedSource {
  switch (source.type) {
    case 'file':
      return source
    case 'http': {
      const { headers, ...rest } = source
      if (headers === undefined) return rest
      return { ...rest, headers: mapped(headers, (value, name) => seal(value, owner, `headers.${name}`)) }
    }
    case 's3':
      return { ...source, secretAccessKey: seal(source.secretAccessKey, owner, 'secretAccessKey') }
  }
}

/** The source as it was given; refuses with `secret.sealed` where any of its secrets cannot be opened. */
export function openSealed(source: SealedSource, owner: string, open: OpenSecret): Result<DataSource> {
  switch (source.type) {
    case 'file':
      return good(source)
    case 'http': {
      const { headers, ...rest } = source
      if (headers === undefined) return good(rest)
      const opened: [string, string][] = []
      for (const [name, value] of Object.entries(headers)) {
        const secret = open(value, owner, `headers.${name}`)
        if (!secret.ok) return secret
        opened.push([name, secret.value])
      }
      return good({ ...rest, headers: Object.fromEntries(opened) })
    }
    case 's3': {
      const secret = open(source.secretAccessKey, owner, 'secretAccessKey')
      return secret.ok ? good({ ...source, secretAccessKey: secret.value }) : secret
    }
  }
}

/** The source with every secret replaced by a word: what the management API shows of it. */
export function shownSource(source: SealedSource): object {
  switch (source.type) {
    case 'file':
      return source
    case 'http':
      return source.headers === undefined ? source : { ...source, headers: mapped(source.headers, () => SEALED_SHOWN) }
    case 's3':
      return { ...source, secretAccessKey: SEALED_SHOWN }
  }
}

/** The source of a row that an earlier version wrote with its secrets in clear; null where nothing in it is to be sealed. */
export function sourceInClear(source: SealedSource): DataSource | null {
  if (source.type === 'file') return null
  const secrets: readonly unknown[] =
    source.type === 'http' ? Object.values(source.headers ?? {}) : [source.secretAccessKey]
  return secrets.some((secret) => typeof secret === 'string') ? (source as unknown as DataSource) : null
}

function mapped<In, Out>(
  values: Readonly<Record<string, In>>,
  map: (value: In, name: string) => Out,
): Readonly<Record<string, Out>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]))
}
