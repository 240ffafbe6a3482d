// The decisions in the evidence of a database, each with what it was about: for making them again. Changes nothing.

import type { Json } from '../kernel/canonical-json.ts'
import { reading } from './inspect.ts'

export interface StoredDecision {
  readonly seq: number
  readonly at: number
  readonly pid: string | null
  readonly agreementId: string | null
  readonly ext: { readonly [key: string]: Json }
  /** The agreement, or the offer of the negotiation, as ODRL; null where retention has removed it. */
  readonly policy: Json
  readonly datasetId: string | null
  readonly properties: { readonly [property: string]: Json }
}

const SQL = `
  SELECT e.seq, e.at, e.pid, e.agreement, e.envelope,
         coalesce(a.agreement, n.offer) AS policy,
         coalesce(a.dataset_id, n.offer ->> 'target') AS dataset_id,
         (SELECT d.properties FROM dataset d WHERE d.id = coalesce(a.dataset_id, n.offer ->> 'target')) AS properties
  FROM evidence e
  LEFT JOIN agreement a ON a.id = e.agreement
  LEFT JOIN negotiation n ON n.pid = e.pid
  WHERE e.type = 'decision' AND e.at >= ? AND e.seq > ? ORDER BY e.seq LIMIT ?`

interface Row {
  readonly seq: number
  readonly at: number
  readonly pid: string | null
  readonly agreement: string | null
  readonly envelope: string
  readonly policy: string | null
  readonly dataset_id: string | null
  readonly properties: string | null
}

/**
 * @param since milliseconds since 1970; decisions before then are left out
 * @param look  called for each, in the order of the evidence
 */
export function readDecisions(file: string, since: number, look: (decision: StoredDecision) => void): void {
  reading(file, (db) => {
    const page = db.prepare<[number, number, number], Row>(SQL)
    for (let after = 0; ;) {
      const rows = page.all(since, after, 1_000)
      for (const row of rows) look(decisionOf(row))
      const last = rows.at(-1)
      if (last === undefined) return
      after = last.seq
    }
  })
}

function decisionOf({
  seq,
  at,
  pid,
  agreement,
  envelope,
  policy,
  dataset_id: datasetId,
  properties,
}: Row): StoredDecision {
  const { ext = {} } = JSON.parse(envelope) as { readonly ext?: StoredDecision['ext'] }
  return {
    ...{ seq, at, pid, agreementId: agreement, ext, datasetId },
    policy: policy === null ? null : (JSON.parse(policy) as Json),
    properties: properties === null ? {} : (JSON.parse(properties) as StoredDecision['properties']),
  }
}
