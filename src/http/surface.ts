// Which part of the connector a request came to: for counting, never for deciding.

import type { Request } from 'express'
import { DSP_PATH } from '../protocol/dsp/version.ts'
import type { Surface } from '../telemetry/metrics.ts'

// prettier-ignore
const PREFIXES: readonly (readonly [string, Surface])[] = [
  [`${DSP_PATH}/catalog`,      'catalog'],
  [`${DSP_PATH}/negotiations`, 'negotiations'],
  [`${DSP_PATH}/transfers`,    'transfers'],
  ['/data/',                   'data'],
  ['/api/',                    'management'],
  ['/metrics',                 'management'],
]

/** By the path as it came; what belongs to nobody is `open`, as documents and probes are. */
export function surfaceOf({ originalUrl }: Pick<Request, 'originalUrl'>): Surface {
  return PREFIXES.find(([prefix]) => originalUrl.startsWith(prefix))?.[1] ?? 'open'
}

/** Whether the time of its answer says how quick we are: not where data flows, or events, as long as there are any. */
export function isTimed({ originalUrl }: Pick<Request, 'originalUrl'>): boolean {
  const [path = ''] = originalUrl.split('?')
  return !path.startsWith('/data/') && !/^\/api\/v1\/(events|transfers\/[^/]+\/data(\/.*)?|connect)$/.test(path)
}
