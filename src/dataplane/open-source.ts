// Opens the source of a dataset, whatever kind it is.

import type { DataSource } from '../domain/delivery/data-source.ts'
import type { FilePorts } from './file-source.ts'
import { openFileSource } from './file-source.ts'
import { openHttpSource } from './http-source.ts'
import type { OpenedSource, SourceRequest } from './opened-source.ts'
import type { S3Ports } from './s3-source.ts'
import { openS3Source } from './s3-source.ts'

export type SourcePorts = FilePorts & S3Ports

/**
 * The source, open and with nothing read of it yet; whoever opens it closes it. Decides nothing about access. Throws a
 * ProblemError: `source.unknown`, `source.unavailable`, `source.path`, `source.query`, `source.method` (what is not open to
 * consumers), or `request.malformed` for a path that cannot be.
 */
export async function openSource(
  source: DataSource,
  request: SourceRequest,
  ports: SourcePorts,
): Promise<OpenedSource> {
  switch (source.type) {
    case 'file':
      return openFileSource(source, request, ports)
    case 'http':
      return openHttpSource(source, request, ports)
    case 's3':
      return openS3Source(source, request, ports)
  }
}
