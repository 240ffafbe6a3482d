// The document of a policy as plain text, as Markdown and as HTML.

import type { Item, PolicyDocument } from './render-policy.ts'
import type { Language } from './language.ts'

export type DocumentFormat = 'text' | 'md' | 'html'

export function printDocument(document: PolicyDocument, language: Language, format: DocumentFormat): string {
  return PRINTERS[format](document, language)
}

// prettier-ignore
const PRINTERS: Readonly<Record<DocumentFormat, (document: PolicyDocument, language: Language) => string>> = {
  text: toText,
  md:   toMarkdown,
  html: toHtml,
}

function toText({ id, title, sections, notes }: PolicyDocument): string {
  return [
    title === id ? plain(id) : `${plain(title)}  (${plain(id)})`,
    ...sections.flatMap(({ heading, items }) => ['', heading, ...items.flatMap((item) => bullets(item, 1, plain))]),
    '',
    ...notes,
  ].join('\n')
}

function toMarkdown({ id, title, sections, notes }: PolicyDocument): string {
  return [
    `## ${escaped(title)}`,
    '',
    `\`${plain(id).replaceAll('`', "'")}\``,
    ...sections.flatMap(({ heading, items }) => [
      '',
      `### ${heading}`,
      '',
      ...items.flatMap((item) => bullets(item, 0, escaped)),
    ]),
    ...notes.flatMap((note) => ['', `*${note}*`]),
  ].join('\n')
}

function bullets({ text, items }: Item, depth: number, write: (text: string) => string): readonly string[] {
  return [`${'  '.repeat(depth)}- ${write(text)}`, ...items.flatMap((each) => bullets(each, depth + 1, write))]
}

/** A value of a policy may hold line feeds; they begin no line of ours. */
function plain(text: string): string {
  return text.replace(/\s*[\r\n\u0085\u2028\u2029]\s*/g, ' ')
}

/** Whatever Markdown, or the HTML within it, would read as more than text. */
function escaped(text: string): string {
  return plain(text)
    .replace(/[\\`*_[\]<>#|~]/g, '\\$&')
    .replace(/&/g, '&amp;')
}

function toHtml({ id, title, sections, notes }: PolicyDocument, language: Language): string {
  return [
    `<article lang="${language}" data-policy="${html(id)}">`,
    `<h2>${html(title)}</h2>`,
    ...sections.map(({ heading, items }) => `<section><h3>${html(heading)}</h3>${htmlList(items)}</section>`),
    ...notes.map((note) => `<p>${html(note)}</p>`),
    '</article>',
  ].join('\n')
}

function htmlList(items: readonly Item[]): string {
  const entries = items.map(({ text, path, items: below }) => {
    const place = path === null ? '' : ` data-path="${html(path)}"`
    return `<li${place}>${html(text)}${below.length === 0 ? '' : htmlList(below)}</li>`
  })
  return `<ul>${entries.join('')}</ul>`
}

// prettier-ignore
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function html(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
