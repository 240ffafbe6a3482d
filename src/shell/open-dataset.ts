// Opens the source of a dataset with its credentials, which are in clear only from here to the call.

import { openSealed, type OpenSecret } from '../domain/delivery/sealed-source.ts'
import type { DataSource } from '../domain/delivery/data-source.ts'
import type { DatasetRow } from '../domain/ledger.ts'
import type { OpenedSource, SourceRequest } from '../dataplane/opened-source.ts'
import { orThrow, problem, ProblemError } from '../kernel/problem.ts'

/**
 * Throws `source.unavailable` where another data plane serves the dataset, `secret.sealed` where its credentials cannot be
 * opened with the present master key, and what `openSource` throws.
 */
export type OpenDataset = (dataset: DatasetRow, request: SourceRequest) => Promise<OpenedSource>

export function createOpenDataset(
  openSecret: OpenSecret,
  openSource: (source: DataSource, request: SourceRequest) => Promise<OpenedSource>,
): OpenDataset {
  return async ({ id, source }, request) => {
    if (source === null) throw new ProblemError(problem('source.unavailable', 'this dataset is served elsewhere'))
    return openSource(orThrow(openSealed(source, id, openSecret)), request)
  }
}
