// Where in the files something stands of which only the policy and the place in its rules are known.

import type { At } from './codes.ts'
import { expandRules, isMapping } from './house-form.ts'
import { redirected } from './report.ts'
import { isJson, parseSource, type PolicyFile } from './source.ts'

/**
 * The place of a path in the rules of a file. Rules that come from elsewhere too (a template, a parent) are not where the path
 * says: then it is the key that brings them, and `isWhole` is false.
 */
export type PlaceIn = (file: string, path: string) => At & { readonly isWhole: boolean }

/** Each file is parsed when it is first asked about. */
export function createPlaces(files: readonly PolicyFile[]): PlaceIn {
  const known = new Map<string, PlaceIn>()
  return (file, path) => {
    const before = known.get(file)
    const place = before ?? placesIn(files.find((each) => each.path === file) ?? { path: file, text: '' })
    if (before === undefined) known.set(file, place)
    return place(file, path)
  }
}

function placesIn(file: PolicyFile): PlaceIn {
  const { value, spotOf } = parseSource(file)
  const policy = isMapping(value) ? value : {}
  const origin = ['template', 'inheritFrom'].find((key) => Object.hasOwn(policy, key))
  const aliases = isJson(file) ? new Map<string, string>() : expandRules(policy, () => null).aliases
  return (_file, path) => {
    const inside = path.replace(/^guardrail\[[^\]]*\]\.?/, '')
    const { line, column } = spotOf(origin ?? redirected(inside, aliases))
    return { file: file.path, line, column, isWhole: origin === undefined }
  }
}
