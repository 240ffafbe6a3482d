// Rule 4: a redelivery gets the first answer. Decides what a redelivery is.

import type { InboxRow } from '../ledger.ts'

/**
 * Whether a message was answered before.
 *
 * @param answered the inbox row with this process, sender, `@id` and body digest; null where there is none
 * @param last     the last message of this sender that the process accepted
 */
export function earlierAnswer(
  { messageId, bodyDigest }: { readonly messageId: string; readonly bodyDigest: string },
  state: string,
  answered: InboxRow | null,
  last: InboxRow | null,
): InboxRow | null {
  // The same `@id` with another body is a new message: both stand in the key under which `answered` was found.
  if (messageId !== '') return answered

  // Without an `@id`, two equal messages can both be meant (a counter-request before and after a new offer): it is a
  // repeat only while nothing has happened since.
  const same = last !== null && last.messageId === '' && last.bodyDigest === bodyDigest && last.stateAfter === state
  return same ? last : null
}
