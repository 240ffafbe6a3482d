// `lingqu explain`: why a participant can or cannot see or use a dataset, clause by clause.

import {
  EXPLAINED,
  type AgreementExplained,
  type Finding,
  type OfferExplained,
} from '../domain/access/explain-access.ts'
import type { Explanation } from '../shell/explain-access.ts'
import { openManagement } from './management.ts'
import { done, UsageError, type Command } from './outcome.ts'
import { didOf } from './peers.ts'

const USAGE = 'usage: lingqu explain --peer NAME|DID --dataset ID [--offer ID] [--phase PHASE]'

export const explain: Command = async ({ text }, io) => {
  const [peer, dataset, offer, phase] = [text('peer'), text('dataset'), text('offer'), text('phase')]
  if (peer === undefined || dataset === undefined) throw new UsageError('`explain` needs --peer and --dataset', USAGE)
  if (phase !== undefined && !EXPLAINED.some((each) => each === phase)) {
    throw new UsageError(`--phase: expected one of ${EXPLAINED.join(', ')}`, USAGE)
  }
  const api = await openManagement(io)
  const query = new URLSearchParams({
    peer: await didOf(peer, api),
    dataset,
    ...(offer !== undefined && { offer }),
    ...(phase !== undefined && { phase }),
  })
  const found = await api.get<Explanation>(`/explain?${query.toString()}`)
  return done(found, told(found))
}

function told({ participant, dataset, see, use, offers, agreements, isCut }: Explanation): string {
  const claims = Object.entries(participant.claims).map(([name, value]) => `${name}=${value}`)
  return [
    [participant.name, participant.id, ...claims].filter((word) => word !== null).join('  '),
    dataset.id,
    `  sees it      ${sentence(see)}`,
    `  can use it   ${sentence(use)}`,
    ...offers.flatMap(offerLines),
    ...agreements.map(agreementLine),
    ...(isCut ? ['more offers stand on it: name one with --offer'] : []),
  ].join('\n')
}

function offerLines({ offerId, file, catalogue, negotiation }: OfferExplained): readonly string[] {
  return [
    `offer ${offerId}  (${file})`,
    ...(catalogue === null ? [] : [`  catalogue    ${sentence(catalogue)}`]),
    ...(negotiation === null ? [] : [`  negotiation  ${sentence(negotiation)}`]),
  ]
}

function agreementLine({ agreementId, used, openTransfers, use }: AgreementExplained): string {
  return `agreement ${agreementId}  used ${String(used)}, open transfers ${String(openTransfers)}\n  delivery     ${sentence(use)}`
}

function sentence({ allowed, message, path, deferred }: Finding): string {
  const place = path === null ? '' : `  (${path})`
  const later = deferred.length === 0 ? '' : `; decided later: ${deferred.join(', ')}`
  return `${allowed ? 'yes' : 'NO'}: ${message}${place}${later}`
}
