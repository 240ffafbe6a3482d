// Texts of others before people see them: without what a terminal, a log or an event stream could take for a command.

// By category and number: a pattern with the characters themselves could not be read. The second part turns the direction of
// what follows, so that a line reads otherwise than it is.
const COMMANDS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** One line of at most `lengthMax` UTF-16 code units; what is no text in it has become a space. */
export function plainLine(text: string, lengthMax: number): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  return line.length <= lengthMax ? line : `${line.slice(0, Math.max(0, lengthMax - 1)).toWellFormed()}…`
}

/** What is shorter is found in any text, and keeps nothing secret. */
const SECRET_LENGTH_MIN = 4

/** The text without the secrets that somebody repeats in it, as they stood in a header, in a form, or in JSON that escapes slashes. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const spellings = secrets.flatMap((secret) => {
    const bare = secret.replace(/^bearer +/i, '')
    return [bare, encodeURIComponent(bare), bare.replaceAll('/', '\\/')]
  })
  return spellings
    .filter(({ length }) => length >= SECRET_LENGTH_MIN)
    .reduce((rest, spelling) => rest.replaceAll(spelling, '…'), text)
}

/** Lines for a terminal: line feeds and tabs stay, other commands become replacement characters. */
export function forTerminal(text: string): string {
  return text.replace(COMMANDS, (character) => (character === '\n' || character === '\t' ? character : '\ufffd'))
}

/** JSON that says the same, with every command in its strings escaped; JSON itself escapes only some of them. */
export function jsonForTerminal(json: string): string {
  return json.replace(COMMANDS, (character) =>
    /\s/.test(character) && character < '\u0080'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
