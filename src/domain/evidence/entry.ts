// One entry of the evidence log: what it says, how it is chained to those before it, and the hash that stands for it.

import type { Json } from '../../kernel/canonical-json.ts'
import { canonicalJson } from '../../kernel/canonical-json.ts'
import { digestOf, sha256Hex } from '../../kernel/digest.ts'
import { invariant } from '../../kernel/invariant.ts'
import type { Instant } from '../../kernel/time.ts'
import { toIso } from '../../kernel/time.ts'

/** Everything that leaves an entry, and what the entry says. Closed: a verifier may know them all. */
// prettier-ignore
export const EVIDENCE_TYPES = {
  'message.received':     'a message of the counter-party was accepted and moved a process',
  'message.refused':      'a message of an authenticated sender to a known process was refused',
  'message.proposed':     'we decided to send a message; it stands in the outbox',
  'message.acknowledged': 'the counter-party acknowledged our message, or a reply of theirs proved that it arrived',
  'message.failed':       'our message was refused, or could not be delivered before its deadline',
  'process.ended':        'a process ended here without a message of the counter-party',
  'agreement.agreed':     'an agreement was made; its policy is bound by its digest',
  'agreement.finalized':  'an agreement came into force on both sides',
  'agreement.ended':      'an agreement was ended, and with it what was transferred under it',
  'decision':             'a policy was evaluated; the trace says why it came out as it did',
  'delivery.started':     'data began to leave under an agreement',
  'delivery.resumed':     'a delivery that was broken off goes on under the use that was counted for it',
  'delivery.ended':       'a delivery came to its end, was broken off or was interrupted',
  'delivery.received':    'data arrived here under an agreement',
  'delivery.arriving':    'data began to arrive here, sent by a provider',
  'delivery.lost':        'data that began to arrive here did not come whole, or could not be kept',
  'push.stopped':         'data that we owe was not taken, or may not be sent; a person or the consumer must act',
  'token.renewed':        'a data token was renewed; the one before it dies when the new one is first used',
  'token.refused':        'the renewal of a data token was refused',
  'usage.counted':        'a use was taken from what an agreement allows',
  'usage.returned':       'a use was given back because no byte of the body was written',
  'fact.recorded':        'a fact was put on record under an agreement: a payment, a consent, an approval',
  'fact.revoked':         'a fact was taken off the record',
  'obligation.owed':      'a duty that follows the use of data is owed from now on',
  'obligation.fulfilled': 'a duty was shown to be fulfilled',
  'obligation.violated':  'a duty was not shown to be fulfilled by its deadline',
  'policy.loaded':        'policy files were read and are in force',
  'policy.rejected':      'policy files were refused; the ones before stay in force',
  'admin.dataset':        'an administrator published, changed or removed a dataset',
  'admin.peer':           'an administrator added, changed or removed a peer',
  'admin.token':          'an administrator made or revoked a management token',
  'admin.agreement':      'an administrator acted on an agreement',
  'connector.started':    'the connector started; with which build and which settings',
  'key.created':          'a signing key was created',
  'key.retired':          'a signing key left the DID document, and its private half was destroyed',
  'store.restored':       'a backup took the place of the database: counters and the memory of used tokens went back',
  'secrets.sealed':       'credentials of sources that stood in the database in clear were sealed',
  'retention.removed':    'rows of something that is over were removed after their time; their digest stays here',
} as const

export type EvidenceType = keyof typeof EVIDENCE_TYPES

/** What is to be put on record. Digests are `sha-256:<hex>`; `actor` names a participant or a token id, never a person. */
export interface EvidenceDraft {
  readonly type: EvidenceType
  readonly at: Instant
  readonly actor: string
  readonly pid?: string
  readonly agreement?: string
  readonly msgDigest?: string
  readonly policyDigest?: string
  readonly ext?: { readonly [key: string]: Json }
}

/** The newest entry of the log. */
export interface LogHead {
  readonly seq: number
  readonly hash: string
}

/** The newest entry of one agreement. */
export interface AgreementHead {
  readonly aseq: number
  readonly hash: string
}

/** An entry as it is stored: the envelope is what was sealed, the other columns repeat it so that it can be searched. */
export interface SealedEntry {
  readonly seq: number
  readonly at: Instant
  readonly type: EvidenceType
  readonly pid: string | null
  readonly agreement: string | null
  readonly aseq: number | null
  readonly envelope: string
  readonly hash: string
}

/** What stands in `prev` of the first entry, and in `aprev` of an agreement's first. */
export const NO_HASH = '0'.repeat(64)

/** The head of a log without entries. */
export const EMPTY_LOG: LogHead = { seq: 0, hash: NO_HASH }

/** The largest envelope: its length fits the 16 bits that tiled logs (C2SP tlog-tiles) give an entry. */
export const ENVELOPE_BYTES_MAX = 65_535

/**
 * Seals a draft as the next entry of the log.
 *
 * @param context.origin        whose log it is: `<host>/evidence`, the same in every entry
 * @param context.n             128 random bits as 32 hexadecimal digits, so that a published hash cannot be guessed back
 * @param context.head          the newest entry of the log
 * @param context.agreementHead the newest entry of `draft.agreement`; null when there is none yet
 * @returns the entry; an `ext` that does not fit is replaced by its digest, its length in bytes and a note
 */
export function seal(
  draft: EvidenceDraft,
  context: { origin: string; n: string; head: LogHead; agreementHead: AgreementHead | null },
): SealedEntry {
  const { type, at, pid, agreement } = draft
  const { origin, n, head, agreementHead } = context
  invariant(/^[0-9a-f]{32}$/.test(n), 'the n of an evidence entry is 32 lower-case hexadecimal digits')
  invariant(agreement !== undefined || agreementHead === null, 'an entry without agreement follows no agreement')

  const seq = head.seq + 1
  const aseq = agreement === undefined ? undefined : (agreementHead?.aseq ?? 0) + 1
  const aprev = agreement === undefined ? undefined : (agreementHead?.hash ?? NO_HASH)
  const { actor, msgDigest, policyDigest, ext } = draft
  const said = { v: 1, n, type, at: toIso(at), origin, seq, prev: head.hash, agreement, aseq, aprev, pid, actor }
  const envelope = fitted({ ...said, msgDigest, policyDigest, ext }, ext)

  return {
    seq,
    at,
    type,
    pid: pid ?? null,
    agreement: agreement ?? null,
    aseq: aseq ?? null,
    envelope,
    hash: leafHash(envelope),
  }
}

/** The head of the log once the entry is in it. */
export function headAfter({ seq, hash }: SealedEntry): LogHead {
  return { seq, hash }
}

/** SHA-256 of the byte 0x00 and the envelope: the leaf hash of RFC 6962, 2.1, so that a Merkle tree can be laid over the log. */
export function leafHash(envelope: string): string {
  return sha256Hex(`\u0000${envelope}`)
}

function fitted(said: { readonly [key: string]: Json | undefined }, ext: Json | undefined): string {
  const whole = canonicalJson(said)
  if (ext === undefined || fits(whole)) return checked(whole)

  const text = canonicalJson(ext)
  const note = `left out: an entry has at most ${String(ENVELOPE_BYTES_MAX)} bytes`
  return checked(canonicalJson({ ...said, ext: { digest: digestOf(text), bytes: bytesOf(text), note } }))
}

function checked(envelope: string): string {
  invariant(fits(envelope), 'the identifiers of an evidence entry are bounded')
  return envelope
}

/** A UTF-16 code unit is at most three bytes of UTF-8, so that nearly every envelope needs no counting. */
function fits(text: string): boolean {
  return text.length * 3 <= ENVELOPE_BYTES_MAX || bytesOf(text) <= ENVELOPE_BYTES_MAX
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}
