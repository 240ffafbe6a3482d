// `lingqu policy export --profile tc609 FILE`: the rules of an offer as a contract policy of the Chinese digital contract.

import { dutyTiming } from '../../domain/policy/duties.ts'
import { exportTc609 } from '../../protocol/tc609/export.ts'
import { UsageError, type Command } from '../outcome.ts'
import { choosePolicies } from './chosen.ts'
import { checkProfile, conversionOutcome } from './conversion-outcome.ts'

export const exportPolicy: Command = async (invocation, io) => {
  checkProfile(invocation)
  const chosen = await choosePolicies(invocation.positionals, io)
  const offers = chosen.flatMap(({ offers: asked, set }) => asked.map((offer) => ({ offer, set })))
  const [only, ...more] = offers
  if (only === undefined || more.length > 0)
    throw new UsageError(`expected the file of one offer, and ${String(offers.length)} stand there`)
  const { offer, set } = only
  const description = set.metadata.get(offer.id)?.description
  const conversion = exportTc609(offer.rules, {
    id: offer.id,
    title: offer.title,
    ...(description !== undefined && { description }),
    isPrecondition: (action) => dutyTiming(action) !== 'after',
  })
  return conversionOutcome(conversion, invocation, io)
}
