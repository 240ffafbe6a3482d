// When a duty can be fulfilled: before what the permission allows, or only once the data are there.

export type DutyTiming = 'before' | 'after'

// ODRL makes every duty of a permission a precondition (IM 2.2, 2.6.3), but real policies put these there, which cannot be one.
const FOLLOWS_DELIVERY: ReadonlySet<string> = new Set([
  'delete',
  'uninstall',
  'inform',
  'nextPolicy',
  'ensureExclusivity',
])

/** Whatever is not known to follow delivery is a precondition: a payment, a consent, a watermark. */
export function dutyTiming(action: string): DutyTiming {
  return FOLLOWS_DELIVERY.has(action) ? 'after' : 'before'
}
