// Globs over identifiers: `*` stands for any run of characters, everything else for itself.

/** Whether the text fits the pattern. Goes over the text once, whatever the pattern: no backtracking, no RegExp. */
export function fitsGlob(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  const tail = rest.pop()
  if (tail === undefined) return text === pattern
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false

  // The leftmost place for each piece leaves the most room for those that follow.
  const end = text.length - tail.length
  let at = head.length
  for (const piece of rest) {
    const found = text.indexOf(piece, at)
    if (found === -1 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}
