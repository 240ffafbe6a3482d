// Who may do what: every operation with a token of every scope, without one, and with one that does not count.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCOPES, type Scope } from '../../../src/domain/access/scopes.ts'
import { OPERATIONS, type OperationId } from '../../../src/http/management/operations.ts'
import { brokenPromise, IDS } from './document.ts'
import { openConnector, type Answer, type Connector } from './ground.ts'

let connector: Connector
const tokens = new Map<Scope, string>()
beforeAll(async () => {
  connector = await openConnector()
  for (const scope of SCOPES) {
    const { token } = await connector.ask<{ token: string }>('POST', '/tokens', { name: `a-${scope}`, scope })
    tokens.set(scope, token)
  }
})
afterAll(async () => connector.close())

// Written out by hand: the table of operations must not be its own judge.
// prettier-ignore
const MAY: Readonly<Record<OperationId, string>> = {
  readDocument:           'viewer steward administrator auditor',
  requestCatalog:         'viewer steward administrator auditor',
  connect:                '       steward administrator        ',
  openNegotiation:        '       steward administrator        ',
  listNegotiations:       'viewer steward administrator auditor',
  readNegotiation:        'viewer steward administrator auditor',
  listOffersMade:         'viewer steward administrator auditor',
  readNegotiationHistory: 'viewer steward administrator auditor',
  offer:                  '       steward administrator        ',
  agree:                  '       steward administrator        ',
  finalize:               '       steward administrator        ',
  accept:                 '       steward administrator        ',
  verify:                 '       steward administrator        ',
  counter:                '       steward administrator        ',
  terminateNegotiation:   '       steward administrator        ',
  listAgreements:         'viewer steward administrator auditor',
  readAgreement:          'viewer steward administrator auditor',
  endAgreement:           '       steward administrator        ',
  listRecords:            'viewer steward administrator auditor',
  addRecord:              '               administrator        ',
  removeRecord:           '               administrator        ',
  listObligations:        'viewer steward administrator auditor',
  fulfilObligation:       '               administrator        ',
  openTransfer:           '       steward administrator        ',
  listTransfers:          'viewer steward administrator auditor',
  readTransfer:           'viewer steward administrator auditor',
  readTransferHistory:    'viewer steward administrator auditor',
  start:                  '       steward administrator        ',
  suspend:                '       steward administrator        ',
  resume:                 '       steward administrator        ',
  complete:               '       steward administrator        ',
  terminateTransfer:      '       steward administrator        ',
  readDataAddress:        '       steward administrator        ',
  fetchData:              '       steward administrator        ',
  fetchDataBelow:         '       steward administrator        ',
  addDatasets:            '               administrator        ',
  listDatasets:           'viewer steward administrator auditor',
  readDataset:            'viewer steward administrator auditor',
  removeDataset:          '               administrator        ',
  listOffers:             'viewer steward administrator auditor',
  reloadPolicies:         '               administrator        ',
  readPolicies:           'viewer steward administrator auditor',
  rollbackPolicies:       '               administrator        ',
  putPeer:                '               administrator        ',
  listPeers:              'viewer steward administrator auditor',
  removePeer:             '               administrator        ',
  addToken:               '               administrator        ',
  listTokens:             '               administrator        ',
  revokeToken:            '               administrator        ',
  rotateKey:              '               administrator        ',
  explain:                'viewer steward administrator auditor',
  readStatus:             'viewer steward administrator auditor',
  runRetention:           '               administrator        ',
  readInbox:              'viewer steward administrator auditor',
  readEvidence:           '               administrator auditor',
  followEvents:           'viewer steward administrator auditor',
}

/** A call that gets no further than the guard or the check of its query, which comes right behind: nothing happens. */
function knock(id: OperationId, token: string | null): Promise<Answer> {
  const { method, path } = OPERATIONS[id]
  const { query } = OPERATIONS[id] as { query?: unknown }
  const surprise = query === 'any' ? '' : '?surprise=1'
  return connector.call(method.toUpperCase(), `${path.replace(/\{\*?\w+\}/g, 'none')}${surprise}`, { token })
}

describe.each(IDS)('%s', (id) => {
  test.each(SCOPES)(`is open to the scopes of the table: %s`, async (scope) => {
    const answer = await knock(id, tokens.get(scope) ?? '')

    if (MAY[id].split(' ').includes(scope)) expect([400, 404]).toContain(answer.status)
    else expect(answer).toMatchObject({ status: 403, json: { code: 'token.scope', status: 403 } })
    expect(brokenPromise(id, answer)).toBeNull()
  })

  test.each([null, 'x', 'x'.repeat(500)])('is 401 without a token that counts: %s', async (token) => {
    const answer = await knock(id, token)

    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(brokenPromise(id, answer)).toBeNull()
  })
})
