// When a duty can be fulfilled, and how far it is: before what the permission allows, with the delivery, or only once the
// data are there.

export type DutyTiming = 'before' | 'delivery' | 'after'

/** `late`: performed, after it was due. `violated`: it was due and was not performed. */
export type DutyProgress = 'nonset' | 'fulfilled' | 'violated' | 'late'

// ODRL makes every duty of a permission a precondition (IM 2.2, 2.6.3), but real policies put these there, which cannot be one.
// prettier-ignore
const TIMING: Readonly<Record<string, DutyTiming>> = {
  'anonymize': 'delivery', 'watermark': 'delivery', 'transform': 'delivery', 'attribute': 'delivery',
  'tds:desensitize': 'delivery', 'tds:encryptTransport': 'delivery',
  'delete': 'after', 'uninstall': 'after', 'inform': 'after', 'nextPolicy': 'after', 'ensureExclusivity': 'after',
  'tds:logRecordSend': 'after', 'tds:alert': 'after', 'tds:fulfilmentProof': 'after', 'tds:fileContract': 'after',
  'tds:breachNotice': 'after', 'tds:authorityReport': 'after', 'tds:dsrAssist': 'after',
}

/** Whatever is not known to go with delivery or to follow it is a precondition: a payment, a consent, a review. */
export function dutyTiming(action: string): DutyTiming {
  return TIMING[action] ?? 'before'
}
