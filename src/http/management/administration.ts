// Datasets, offers, peers, tokens, evidence: what an administrator keeps and an auditor reads.

import { canBePushed, readDataSource } from '../../domain/delivery/source.ts'
import type { Reader } from '../../domain/ledger.ts'
import type { Json } from '../../kernel/canonical-json.ts'
import { orThrow, problem, ProblemError } from '../../kernel/problem.ts'
import { isPush, PULL } from '../../protocol/dsp/formats.ts'
import type { DatasetId } from '../../protocol/ids.ts'
import type { Administer, NewDataset } from '../../shell/administer.ts'
import type { Policies } from '../../shell/load-policies.ts'
import type { ManageTokens } from '../../shell/manage-tokens.ts'
import type { Definitions } from '../../shell/ports.ts'
import type { DatasetBody } from './bodies.ts'
import { malformed, pageIn, seqPageIn } from './query.ts'
import type { Handlers } from './serve.ts'
import { policiesView } from './policies-view.ts'
import { datasetView, entryView, listView, offerView, peerView, tokenView } from './views.ts'

export interface AdministrationPorts {
  readonly reader: Reader
  readonly administer: Administer
  readonly tokens: ManageTokens
  readonly definitions: Definitions
  readonly policies: Pick<Policies, 'reload' | 'rollback' | 'state' | 'history'>
  /** The distribution formats that this connector can serve. */
  readonly formats: readonly string[]
}

type AdministrationHandlers = Pick<
  Handlers,
  | 'addDatasets'
  | 'listDatasets'
  | 'readDataset'
  | 'removeDataset'
  | 'listOffers'
  | 'reloadPolicies'
  | 'readPolicies'
  | 'rollbackPolicies'
  | 'putPeer'
  | 'listPeers'
  | 'removePeer'
  | 'addToken'
  | 'listTokens'
  | 'revokeToken'
  | 'readEvidence'
>

export function administrationHandlers({
  reader,
  administer,
  tokens,
  definitions,
  policies,
  formats,
}: AdministrationPorts): AdministrationHandlers {
  return {
    addDatasets: async ({ body, by }) => {
      const isList = isDatasets(body)
      const rows = isList
        ? body.map((each, index) => readDataset(each, formats, `[${String(index)}].`))
        : [readDataset(body, formats, '')]
      const added = await administer.addDatasets(rows, by)
      const views = added.map(datasetView)
      return { status: 201, body: isList ? views : views[0] }
    },
    listDatasets: ({ query }) => {
      const page = pageIn(query)
      return { status: 200, body: listView(reader.list('dataset', page), page.limit, datasetView, ({ id }) => id) }
    },
    readDataset: ({ parameters: { id = '' } }) => {
      const row = reader.get('dataset', id)
      if (row === null) throw new ProblemError(problem('resource.unknown', 'no such dataset'))
      return { status: 200, body: datasetView(row) }
    },
    removeDataset: async ({ parameters: { id = '' }, by }) => {
      await administer.removeDataset(id, by)
      return { status: 204 }
    },

    listOffers: () => ({ status: 200, body: { items: definitions().map(offerView), next: null } }),
    reloadPolicies: async ({ by }) => {
      const findings = await policies.reload(by)
      return { status: findings.length === 0 ? 200 : 422, body: { findings } }
    },
    readPolicies: () => ({ status: 200, body: policiesView(policies.state(), policies.history()) }),
    rollbackPolicies: async ({ body: { generation }, by }) => {
      await policies.rollback(generation, by)
      return { status: 200, body: policiesView(policies.state(), policies.history()) }
    },

    putPeer: async ({ body: { did, name, claims, address }, by }) => {
      const row = { did, name: name ?? did, claims: claims ?? {}, address: address ?? null }
      return { status: 201, body: peerView(await administer.putPeer(row, by)) }
    },
    listPeers: ({ query }) => {
      const page = pageIn(query)
      return { status: 200, body: listView(reader.list('peer', page), page.limit, peerView, ({ did }) => did) }
    },
    removePeer: async ({ parameters: { did = '' }, by }) => {
      await administer.removePeer(did, by)
      return { status: 204 }
    },

    addToken: async ({ body, by }) => {
      const { row, value } = await tokens.add(body, by)
      return { status: 201, body: { ...tokenView(row), token: value }, secret: true }
    },
    listTokens: () => ({ status: 200, body: { items: tokens.list().map(tokenView), next: null } }),
    revokeToken: async ({ parameters: { name = '' }, by }) => {
      await tokens.revoke(name, by)
      return { status: 204 }
    },

    readEvidence: ({ query }) => {
      const { after, limit } = seqPageIn(query)
      const entries =
        query.pid === undefined ? reader.evidence(after, limit) : reader.evidenceOf(query.pid, limit, after)
      const list = listView(entries, limit, entryView, ({ seq }) => seq)
      return { status: 200, body: { ...list, head: reader.evidenceHead() } }
    },
  }
}

function isDatasets(body: DatasetBody | readonly DatasetBody[]): body is readonly DatasetBody[] {
  return Array.isArray(body)
}

/** A dataset as the operator writes it: DCAT properties, and apart from them where its bytes come from. */
function readDataset(
  { '@id': id, '@type': _, source, formats: wanted, ...properties }: DatasetBody,
  formats: readonly string[],
  place: string,
): NewDataset {
  const named = wanted ?? [PULL]
  if (!named.every((each) => formats.includes(each))) {
    throw malformed(`expected a list of ${formats.join(', ')}`, `${place}formats`)
  }
  const read = source === undefined || source === null ? null : orThrow(readDataSource(source))
  if (named.some(isPush) && !canBePushed(read))
    throw malformed(
      'expected a source of one thing that we can read: a file, a URL that takes GET, a key',
      `${place}formats`,
    )
  return {
    id: id as DatasetId,
    properties: properties as { readonly [property: string]: Json },
    formats: named,
    source: read,
  }
}
