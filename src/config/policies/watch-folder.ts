// Tells when the policies folder may have changed: by the events of the file system once they have come to rest, and by a slow
// look for mounts that have none.

import { watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { listPolicyFiles, type PolicyListing } from './list-policy-files.ts'

export interface WatchFolderOptions {
  readonly folder: string
  /** Looks at what lies there now. Where it rejects, the next slow look calls it again. */
  readonly onChange: () => Promise<unknown>
  /** Runs `wake` once, `ms` from now; gives the way to call it off. */
  readonly setTimer: (ms: number, wake: () => void) => () => void
  readonly log: Log
}

export interface FolderWatch {
  /** Resolves when nothing of it runs any more. */
  readonly stop: () => Promise<void>
}

/** So long must nothing happen before a change counts as whole: editors and `git` write in several steps. */
export const REST_MS = 300
/** Whoever writes without rest is looked at all the same. */
export const REST_MAX_MS = 2_000
export const LOOK_MS = 5_000
/** Folders with a watch of their own; changes in further ones wait for the slow look. */
const WATCHED_MAX = 256

/** New folders may keep coming while watches are set up: the rest waits for the events of those that stand. */
const SETTINGS_MAX = 3

const UNREADABLE = { files: [], folders: [], print: 'unreadable' } as const satisfies PolicyListing

/**
 * Each folder is watched by itself and not the whole tree at once: what Node makes of a tree on Linux watches every single file
 * and stays with what a link once led to, and Kubernetes publishes a change by leading one link elsewhere.
 */
export function watchFolder({ folder, onChange, setTimer, log }: WatchFolderOptions): FolderWatch {
  let watchers: readonly FSWatcher[] = []
  let seen: string | null = null
  let isStopped = false
  let running: Promise<void> = Promise.resolve()
  let atRest: (() => void) | null = null
  let atLast: (() => void) | null = null
  let slow: (() => void) | null = null
  let saidUnwatched = false

  function touched(): void {
    if (isStopped) return
    atRest?.()
    atRest = setTimer(REST_MS, lookNow)
    atLast ??= setTimer(REST_MAX_MS, lookNow)
  }

  function lookNow(): void {
    atRest?.()
    atLast?.()
    atRest = null
    atLast = null
    enqueue(true)
  }

  function lookLater(): void {
    slow?.()
    slow = setTimer(LOOK_MS, () => {
      // Where events have come and not come to rest yet, their own look follows.
      if (atRest === null) enqueue(false)
      else lookLater()
    })
  }

  function enqueue(mustLook: boolean): void {
    slow?.()
    running = running
      .then(() => look(mustLook))
      .finally(() => {
        if (!isStopped) lookLater()
      })
  }

  async function look(mustLook: boolean): Promise<void> {
    if (isStopped) return
    try {
      const listing = await list()
      // A file that was written twice within one tick of the clock looks as it did before: events are believed without a look.
      if (!mustLook && listing.print === seen) return
      seen = null
      const { print } = await watched(listing)
      await onChange()
      seen = print
    } catch (error) {
      log.warn('policies.unread', { error, hint: `looked at again in ${String(LOOK_MS / 1000)} s` })
    }
  }

  async function list(): Promise<PolicyListing> {
    try {
      return await listPolicyFiles(folder)
    } catch (error) {
      if (error instanceof ProblemError) return UNREADABLE
      throw error
    }
  }

  /**
   * Watches the folders that are there now; every watch is set up anew, because one that stays with a folder that was removed
   * cannot be told from one that does not. Gives what is there once they stand: what came before that, no event tells.
   */
  async function watched(found: PolicyListing): Promise<PolicyListing> {
    let listing = found
    for (let time = 1; ; time += 1) {
      closeAll()
      if (isStopped) return listing
      watchers = listing.folders.slice(0, WATCHED_MAX).flatMap((below) => watchOne(below) ?? [])
      const after = await list()
      if (after.folders.join() === listing.folders.join() || time === SETTINGS_MAX) return after
      listing = after
    }
  }

  function watchOne(below: string): FSWatcher | null {
    try {
      return watch(join(folder, below), { persistent: false }, touched).on('error', touched)
    } catch (error) {
      sayUnwatched(error)
      return null
    }
  }

  function closeAll(): void {
    for (const watcher of watchers) watcher.close()
    watchers = []
  }

  function sayUnwatched(error: unknown): void {
    if (saidUnwatched) return
    saidUnwatched = true
    log.warn('policies.unwatched', { error, hint: `looked at every ${String(LOOK_MS / 1000)} s instead` })
  }

  enqueue(true)

  return {
    stop: async () => {
      isStopped = true
      for (const callOff of [atRest, atLast, slow]) callOff?.()
      await running
      closeAll()
    },
  }
}
