// What an operator asks and orders beside the day's work: why somebody cannot have something, and another signing key.

import { findingLine } from '../../config/finding.ts'
import { toIso } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import type { ExplainAccess } from '../../shell/explain-access.ts'
import type { RefusedPolicies } from '../../shell/load-policies.ts'
import type { Status } from '../../shell/measure.ts'
import type { Retain, Retention } from '../../shell/retain.ts'
import type { RotateKey } from '../../shell/rotate-key.ts'
import { malformed } from './query.ts'
import type { Handlers } from './serve.ts'

export interface OperatorPorts {
  readonly status: () => Status
  readonly retain: Pick<Retain, 'run'>
  readonly explainAccess: ExplainAccess
  readonly rotateKey: RotateKey
}

export function operatorHandlers({
  explainAccess,
  rotateKey,
  status,
  retain,
}: OperatorPorts): Pick<Handlers, 'explain' | 'rotateKey' | 'readStatus' | 'runRetention'> {
  return {
    explain: ({ query: { peer, dataset, offer, phase } }) => {
      if (peer === undefined) throw malformed('expected the DID of a participant', 'peer')
      if (dataset === undefined) throw malformed('expected the id of a dataset', 'dataset')
      const request = {
        participant: peer as ParticipantId,
        datasetId: dataset,
        offerId: offer ?? null,
        phase: phase ?? null,
      }
      return { status: 200, body: explainAccess(request) }
    },
    readStatus: () => ({ status: 200, body: statusView(status()) }),
    runRetention: async () => ({ status: 200, body: retentionView(await retain.run()) }),
    rotateKey: async ({ body: { atOnce }, by }) => {
      const { key } = await rotateKey.rotate({ atOnce: atOnce ?? false }, by)
      const { id, signsFrom, olderUntil } = key
      return { status: 200, body: { kid: id, signsFrom: toIso(signsFrom), olderUntil: toIso(olderUntil ?? signsFrom) } }
    },
  }
}

function statusView(status: Status): object {
  const { startedAt, policies, evidence, retention, certificateEndsAt, ...rest } = status
  const { refused, ...inForce } = policies
  return {
    ...rest,
    startedAt: toIso(startedAt),
    ready: status.problem === null,
    policies: {
      ...inForce,
      loadedAt: toIso(policies.loadedAt),
      degraded: refused !== null,
      refused: refused === null ? null : refusalView(refused),
    },
    evidence: { entries: evidence.seq, head: evidence.hash },
    retention: { ...retention, lastRun: retention.lastRun === null ? null : retentionView(retention.lastRun) },
    certificateEndsAt: certificateEndsAt === null ? null : toIso(certificateEndsAt),
  }
}

function refusalView({ at, findings }: RefusedPolicies): object {
  const [first] = findings
  return { at: toIso(at), findings: findings.length, first: first === undefined ? '' : findingLine(first) }
}

function retentionView({ at, removed }: Retention): object {
  return { at: toIso(at), removed }
}
