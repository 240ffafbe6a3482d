// When a day begins and ends in a time zone, as an xsd:dateTime with the zone's offset of that moment.

/** Whether this is a time zone: an IANA name. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** @param date `YYYY-MM-DD`, a day of the calendar */
export function dayBound(date: string, bound: 'begin' | 'end', zone: string): string {
  const time = bound === 'begin' ? '00:00:00' : '23:59:59'
  return `${date}T${time}${offsetAt(`${date}T${time}`, zone)}`
}

/** Found twice, because the offset that counts is that of the local moment, which only an offset makes an instant. */
function offsetAt(local: string, zone: string): string {
  const first = offsetOf(Date.parse(`${local}Z`), zone)
  return offsetOf(Date.parse(`${local}${first}`), zone)
}

function offsetOf(epochMs: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(epochMs)
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  // `GMT+08:00`; `GMT` alone is UTC. Older zones have seconds, which xsd:dateTime has not.
  return /^GMT([+-]\d\d:\d\d)/.exec(name)?.[1] ?? 'Z'
}
