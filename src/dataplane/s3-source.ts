// An object of an S3-compatible store as a source: the call is signed (AWS Signature Version 4), and sent as any other.

import { AwsV4Signer } from 'aws4fetch'
import type { S3Source } from '../domain/delivery/data-source.ts'
import { objectUrl } from '../domain/delivery/s3-source.ts'
import { orThrow } from '../kernel/problem.ts'
import type { Clock } from '../kernel/time.ts'
import { toIso } from '../kernel/time.ts'
import type { HttpPorts } from './http-source.ts'
import type { OpenedSource, SourceRequest } from './opened-source.ts'
import { sourceProblem } from './opened-source.ts'
import { openRemote } from './remote-source.ts'
import { readRestPath } from './rest-path.ts'

export interface S3Ports extends HttpPorts {
  /** Stores refuse a signature that is some 15 minutes off. */
  readonly clock: Clock
}

/**
 * Gets or looks at the object. Throws `source.method`, `source.query`, `source.path` (what an object has not), `source.unknown`
 * (a prefix without a path), `request.malformed` (a rest path that could climb) and what `openRemote` throws.
 */
export async function openS3Source(source: S3Source, request: SourceRequest, ports: S3Ports): Promise<OpenedSource> {
  const { method, query, rest } = request
  const segments = orThrow(readRestPath(rest))
  if (method === 'POST') throw sourceProblem('source.method', 'this data takes no POST')
  if (query !== '') throw sourceProblem('source.query', 'this data takes no query')
  const url = orThrow(objectUrl(source, segments)).href
  const { call, timeoutMs, bodyTimeoutMs } = ports
  return openRemote(
    async (headers) => {
      // Range, If-Range and If-None-Match need no signature, and a signature is good for one call.
      const signed = await signedHeaders(source, { method, url }, ports.clock)
      return call({ method, url, headers: { ...signed, ...headers }, timeoutMs, bodyTimeoutMs })
    },
    request,
    source.mediaType,
  )
}

/** The headers that prove to the store who calls. A body is left unsigned: it would have to be read twice. */
export async function signedHeaders(
  { accessKeyId, secretAccessKey, region }: Pick<S3Source, 'accessKeyId' | 'secretAccessKey' | 'region'>,
  { method, url }: { readonly method: string; readonly url: string },
  clock: Clock,
): Promise<Readonly<Record<string, string>>> {
  const datetime = toIso(clock()).replace(/[-:]|\.\d{3}/g, '')
  const signer = new AwsV4Signer({ method, url, accessKeyId, secretAccessKey, region, service: 's3', datetime })
  const { headers } = await signer.sign()
  // The host is the client's to name; it is what was signed.
  return Object.fromEntries([...headers].filter(([name]) => name !== 'host'))
}
