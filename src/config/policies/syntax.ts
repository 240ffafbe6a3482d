// What keeps a text from being YAML 1.2 or JSON: where it is, and in words that say what to do.

import { visit, type Document } from 'yaml'

/** One mistake, at so many UTF-16 code units from the beginning. */
export interface SyntaxMistake {
  readonly offset: number
  readonly message: string
  readonly zh?: string
  readonly hint?: string
}

type Words = Omit<SyntaxMistake, 'offset'>

/** The parser's own sentences speak to programmers; these are its codes. */
// prettier-ignore
const WORDS: Readonly<Record<string, Words>> = {
  BAD_INDENT:            words('this is indented otherwise than what it belongs to',          '缩进与同级内容不一致'),
  BLOCK_AS_IMPLICIT_KEY: words('a mapping cannot begin behind a colon on the same line',      '冒号之后的同一行不能再开始一个映射', 'a value with a colon and a space in it stands in quotes'),
  DUPLICATE_KEY:         words('this key stands twice in one mapping',                        '同一映射中重复出现了这个键', 'take one of them away'),
  MULTIPLE_DOCS:         words('a policy file holds one document, and here a second one begins', '一个策略文件只能包含一个文档，此处开始了第二个', 'take `---` away, or make it a file of its own'),
  TAB_AS_INDENT:         words('a tab cannot indent',                                         '不能用制表符缩进', 'two spaces for each step'),
  TAG_RESOLVE_FAILED:    words('a tag such as `!name` means nothing here',                    '此处不支持“!”标签'),
}

function words(message: string, zh: string, hint?: string): Words {
  return hint === undefined ? { message, zh } : { message, zh, hint }
}

/** @param text without a byte order mark */
export function syntaxMistakes(text: string, document: Document.Parsed, isJson: boolean): readonly SyntaxMistake[] {
  const offset = text.search(UNREADABLE)
  if (offset >= 0) return [unreadable(text, offset)]
  return isJson ? jsonMistakes(text, document) : yamlMistakes(text, document)
}

/** What decoding UTF-8 leaves of other bytes, and control characters that no text has (YAML 1.2, 5.1). */
const UNREADABLE = /\uFFFD|(?![\t\n\r\u0085])\p{Cc}/u

function unreadable(text: string, offset: number): SyntaxMistake {
  const code = text.charCodeAt(offset)
  if (code === 0xfffd || code === 0) {
    return {
      offset,
      message: 'this is no text in UTF-8',
      zh: '不是 UTF-8 编码的文本',
      hint: 'save the file in UTF-8; GBK and UTF-16 are not read',
    }
  }
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  return { offset, message: `a control character (${name}) stands here`, zh: `此处有控制字符（${name}）` }
}

function yamlMistakes(text: string, document: Document.Parsed): readonly SyntaxMistake[] {
  const found = [...document.errors, ...document.warnings].map(({ code, message, pos: [offset] }) => {
    return { offset, ...((Object.hasOwn(WORDS, code) ? WORDS[code] : undefined) ?? { message }) }
  })
  return found.length > 0 || !MAY_HAVE_ALIASES.test(text) ? found : lostAliases(document)
}

/** Most files have none, and need not be walked through for them. */
const MAY_HAVE_ALIASES = /(?:^|[\s,[{])\*\S/

/** The parser finds them only once it is asked for the value, and then not where they stand. */
function lostAliases(document: Document.Parsed): readonly SyntaxMistake[] {
  const lost: SyntaxMistake[] = []
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return
      const { source, range } = alias
      const hint = 'the anchor comes before the alias; a text that begins with * stands in quotes'
      const message = `there is no anchor &${source} for *${source}`
      lost.push({ offset: range?.[0] ?? 0, message, zh: `*${source} 没有对应的锚点 &${source}`, hint })
    },
  })
  return lost
}

/** JSON is judged by JSON.parse, which does not see duplicate keys; YAML, which contains JSON, does. */
function jsonMistakes(text: string, { errors }: Document.Parsed): readonly SyntaxMistake[] {
  try {
    JSON.parse(text)
    return errors.flatMap(({ code, pos: [offset] }) =>
      code === 'DUPLICATE_KEY' && WORDS[code] !== undefined ? [{ offset, ...WORDS[code] }] : [],
    )
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    // V8 says where it stopped unless it stopped at the end; the text around it is shown by whoever shows the line.
    const offset = Number(/at position (\d+)/.exec(said)?.[1] ?? text.length)
    const message = `not JSON: ${said.replace(/ (?:in JSON )?at position .*$|, ".*" is not valid JSON$/s, '')}`
    return [{ offset, message, zh: message.replace(/^not JSON/, '不是 JSON') }]
  }
}
