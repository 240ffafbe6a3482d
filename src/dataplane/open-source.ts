// Opens the source of a dataset, whatever kind it is.

import type { DataSource } from '../domain/delivery/source.ts'
import type { FilePorts } from './file-source.ts'
import { openFileSource } from './file-source.ts'
import type { HttpPorts } from './http-source.ts'
import { openHttpSource } from './http-source.ts'
import type { OpenedSource, SourceRequest } from './opened-source.ts'

export type SourcePorts = FilePorts & HttpPorts

/**
 * The source, open and with nothing read of it yet; whoever opens it closes it. Decides nothing about access. Throws a
 * ProblemError: `source.unknown`, `source.unavailable`, or `request.malformed` for a path or query that cannot be.
 */
export async function openSource(
  source: DataSource,
  request: SourceRequest,
  ports: SourcePorts,
): Promise<OpenedSource> {
  return source.type === 'file' ? openFileSource(source, request, ports) : openHttpSource(source, request, ports)
}
