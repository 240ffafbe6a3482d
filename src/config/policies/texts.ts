// Texts for people in several languages.

/** By language tag. */
export type Texts = Readonly<Record<string, string>>
