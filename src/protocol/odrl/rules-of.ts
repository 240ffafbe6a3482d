// What of a policy are its rules, and what says who and about what: every member of `Rules` is one of the first kind.

import type { Rules } from './types.ts'

const MEMBERS: Readonly<Record<keyof Rules, true>> = {
  profile: true,
  conflict: true,
  permission: true,
  prohibition: true,
  obligation: true,
}

/** The rules alone: what two policies have in common when all that differs is who and about what. */
export function rulesOf(policy: Rules): Rules {
  return picked(policy, (key) => Object.hasOwn(MEMBERS, key))
}

/** Everything else: ids, parties, target. */
export function withoutRules<P extends Rules>(policy: P): Omit<P, keyof Rules> {
  return picked(policy, (key) => !Object.hasOwn(MEMBERS, key))
}

function picked<T>(policy: object, wanted: (key: string) => boolean): T {
  return Object.fromEntries(Object.entries(policy).filter(([key, value]) => wanted(key) && value !== undefined)) as T
}
