// Links to the other pages of a catalogue: RFC 8288, as far as DSP 2025-1 ("Pagination") uses it.

/** A link and all that stands behind it up to the next one. */
const LINK = /<([^<>]*)>([^<]*)/g
const REL = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i

/**
 * Where the page with that relation is.
 *
 * @param header the `Link` headers of an answer, several joined by commas
 * @param rel    `next` or `previous`
 * @param url    what was asked for: a relative link is meant from there
 * @returns null where there is no such link, or one that leads to another origin: our token is not for others
 */
export function linkedPage(header: string, rel: string, url: string): string | null {
  for (const [, target = '', parameters = ''] of header.matchAll(LINK)) {
    const [, quoted, bare] = REL.exec(parameters) ?? []
    const relations = (quoted ?? bare ?? '').toLowerCase().split(/\s+/)
    if (!relations.includes(rel) || !URL.canParse(target, url)) continue
    const page = new URL(target, url)
    return page.origin === new URL(url).origin ? page.href : null
  }
  return null
}
