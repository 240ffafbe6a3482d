// Datasets, offers, peers, evidence: what an administrator keeps and an auditor reads.

import { Router } from 'express'
import { readDataSource } from '../../domain/delivery/source.ts'
import type { DatasetRow, Reader } from '../../domain/ledger.ts'
import { orThrow, problem, ProblemError } from '../../kernel/problem.ts'
import type { Json } from '../../kernel/canonical-json.ts'
import type { DatasetId, ParticipantId } from '../../protocol/ids.ts'
import type { Administer } from '../../shell/administer.ts'
import type { Policies } from '../../shell/load-policies.ts'
import type { Definitions } from '../../shell/ports.ts'
import type { Permit } from './guard.ts'
import { PULL } from './exchange.ts'
import { jsonOf, malformed, membersOf, optionalTextIn, pageOf, textIn, textsIn } from './input.ts'
import { datasetView, entryView, offerView, peerView } from './views.ts'

export interface AdministrationPorts {
  readonly permit: Permit
  readonly reader: Reader
  readonly administer: Administer
  readonly definitions: Definitions
  readonly reloadPolicies: Policies['reload']
  /** The distribution formats that this connector can serve. */
  readonly formats: readonly string[]
}

const DATASETS_MAX = 1000

export function administrationRouter({
  permit,
  reader,
  administer,
  definitions,
  reloadPolicies,
  formats,
}: AdministrationPorts): Router {
  const router = Router()

  router.post('/datasets', async (request, response) => {
    const by = permit(request, 'administer')
    const body = jsonOf(request)
    const list: readonly unknown[] = Array.isArray(body) ? body : [body]
    if (list.length === 0 || list.length > DATASETS_MAX)
      throw malformed(`expected 1 to ${String(DATASETS_MAX)} datasets`, '')
    const added = await administer.addDatasets(
      list.map((each) => readDataset(each, formats)),
      by,
    )
    response.status(201).json(Array.isArray(body) ? added.map(datasetView) : datasetView(added[0] as DatasetRow))
  })
  router.get('/datasets', (request, response) => {
    permit(request, 'read')
    const rows = reader.list('dataset', pageOf(request))
    response.json({
      items: rows.map(datasetView),
      next: rows.length === pageOf(request).limit ? rows.at(-1)?.id : null,
    })
  })
  router.get('/datasets/:id', (request, response) => {
    permit(request, 'read')
    const row = reader.get('dataset', request.params.id)
    if (row === null) throw new ProblemError(problem('resource.unknown', 'no such dataset'))
    response.json(datasetView(row))
  })
  router.delete('/datasets/:id', async (request, response) => {
    await administer.removeDataset(request.params.id, permit(request, 'administer'))
    response.status(204).end()
  })

  router.get('/offers', (request, response) => {
    permit(request, 'read')
    response.json({ items: definitions().map(offerView), next: null })
  })

  router.post('/policies/reload', async (request, response) => {
    const findings = await reloadPolicies(permit(request, 'administer'))
    response.status(findings.length === 0 ? 200 : 422).json({ findings })
  })

  router.post('/peers', async (request, response) => {
    const by = permit(request, 'administer')
    const body = membersOf(jsonOf(request), ['did', 'name', 'claims', 'address'])
    const did = textIn(body, 'did') as ParticipantId
    const address = optionalTextIn(body, 'address') ?? null
    const row = { did, name: optionalTextIn(body, 'name') ?? did, claims: textsIn(body, 'claims'), address }
    response.status(201).json(peerView(await administer.putPeer(row, by)))
  })
  router.get('/peers', (request, response) => {
    permit(request, 'read')
    const page = pageOf(request)
    const rows = reader.list('peer', page)
    response.json({ items: rows.map(peerView), next: rows.length === page.limit ? rows.at(-1)?.did : null })
  })
  router.delete('/peers/:did', async (request, response) => {
    await administer.removePeer(request.params.did, permit(request, 'administer'))
    response.status(204).end()
  })

  router.get('/evidence', (request, response) => {
    permit(request, 'audit')
    const { after, limit } = pageOf(request)
    const { pid } = request.query
    const entries = typeof pid === 'string' ? reader.evidenceOf(pid, limit) : reader.evidence(seqOf(after), limit)
    response.json({ items: entries.map(entryView), head: reader.evidenceHead() })
  })
  return router
}

function seqOf(after: string | null): number {
  const seq = Number(after ?? 0)
  if (!Number.isInteger(seq) || seq < 0) throw malformed('expected the number of an entry', 'after')
  return seq
}

/** A dataset as the operator writes it: DCAT properties, and apart from them where its bytes come from. */
function readDataset(value: unknown, formats: readonly string[]): Omit<DatasetRow, 'createdAt'> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw malformed('expected a dataset', '')
  const {
    '@id': id,
    '@type': _,
    source,
    formats: wanted,
    hasPolicy,
    distribution,
    ...properties
  } = value as Readonly<Record<string, unknown>>
  if (hasPolicy !== undefined) throw malformed('offers come from the policy files, not from the dataset', 'hasPolicy')
  if (distribution !== undefined) throw malformed('distributions follow from `formats`', 'distribution')
  const named = wanted ?? [PULL]
  if (!Array.isArray(named) || named.length === 0 || !named.every((each) => formats.includes(String(each)))) {
    throw malformed(`expected a list of ${formats.join(', ')}`, 'formats')
  }
  return {
    id: textIn({ '@id': id }, '@id') as DatasetId,
    properties: properties as { readonly [property: string]: Json },
    formats: named.map(String),
    source: source === undefined || source === null ? null : orThrow(readDataSource(source)),
  }
}
