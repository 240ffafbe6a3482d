// The two languages in which policies are put into words, and the manners of each.

export const LANGUAGES = ['zh', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** One text in each of them. */
export type Words = Readonly<Record<Language, string>>

export interface Manner {
  /** For Intl. */
  readonly locale: string
  /** Where no other one is given; an IANA name. */
  readonly timeZone: string
  readonly between: string
  readonly colon: string
  readonly brackets: readonly [string, string]
}

// prettier-ignore
export const MANNERS: Readonly<Record<Language, Manner>> = {
  zh: { locale: 'zh-CN', timeZone: 'Asia/Shanghai', between: '、', colon: '：', brackets: ['（', '）'] },
  en: { locale: 'en-GB', timeZone: 'UTC',           between: ', ', colon: ': ', brackets: [' (', ')'] },
}

export function bracketed(text: string, language: Language): string {
  return MANNERS[language].brackets.join(text)
}

/** The text with each `{name}` replaced by its part. What the parts themselves contain is left alone. */
export function filled(template: string, parts: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(parts, name) ? (parts[name] ?? whole) : whole,
  )
}
