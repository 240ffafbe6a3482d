// What stands under an agreement beside its text, over the management API: facts on record, and duties.

import type { AgreementRecordRow, ObligationRow } from '../../domain/ledger.ts'
import { parseInstant } from '../../protocol/odrl/lexical.ts'
import type { KeepRecord } from '../../shell/keep-record.ts'
import { toIso, type Instant } from '../../kernel/time.ts'
import { malformed } from './query.ts'
import type { Handlers } from './serve.ts'

type RecordOperations = 'listRecords' | 'addRecord' | 'removeRecord' | 'listObligations' | 'fulfilObligation'

export function recordHandlers(keep: KeepRecord): Pick<Handlers, RecordOperations> {
  return {
    listRecords: ({ parameters: { id = '' } }) => ({ status: 200, body: { items: keep.records(id).map(recordView) } }),
    addRecord: async ({ parameters: { id = '' }, body, by }) => {
      const { name, value, unit = null, validUntil = null, reference = null } = body
      const told = { name, value, unit, reference, validUntil: validUntil === null ? null : instantIn(validUntil) }
      return { status: 201, body: recordView(await keep.record(id, told, by)) }
    },
    removeRecord: async ({ parameters: { id = '', name = '' }, by }) => {
      await keep.revoke(id, name, by)
      return { status: 204 }
    },
    listObligations: ({ parameters: { id = '' } }) => ({
      status: 200,
      body: { items: keep.obligations(id).map(obligationView) },
    }),
    fulfilObligation: async ({ parameters: { id = '' }, body: { duty, proof = null }, by }) => {
      const { reference, digest, text } = proof ?? {}
      const shown = {
        ...(typeof reference === 'string' && { reference }),
        ...(typeof digest === 'string' && { digest }),
        ...(typeof text === 'string' && { text }),
      }
      return { status: 200, body: obligationView(await keep.fulfil(id, duty, proof === null ? null : shown, by)) }
    },
  }
}

function instantIn(text: string): Instant {
  const at = parseInstant(text)
  if (at === null) throw malformed('expected a date and time with a zone', 'validUntil')
  return at
}

function recordView({ name, value, validUntil, reference, by, at }: AgreementRecordRow): object {
  return { name, value, validUntil: validUntil === null ? null : toIso(validUntil), reference, by, at: toIso(at) }
}

function obligationView({ path, uid, action, state, dueAt, at, proof }: ObligationRow): object {
  return { duty: path, uid, action, state, dueAt: dueAt === null ? null : toIso(dueAt), at: toIso(at), proof }
}
