// DID documents are fetched rarely, never twice at once, and not believed for ever.

import { describe, expect, it } from 'vitest'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { createDidResolver } from '../../../src/trust/did-resolver.ts'
import type { DidResolver } from '../../../src/trust/did-resolver.ts'
import { identity, peers, watch } from './ports.ts'
import type { Answer } from './ports.ts'
import { documentWith, p256, PEER } from './tokens.ts'

const MINUTE_MS = 60_000
const URL_OF_PEER = 'https://peer.example/.well-known/did.json'
const document = documentWith(p256().jwk)
const unreachable = new ProblemError(problem('peer.unreachable', 'nobody there'))

interface World extends DidResolver {
  readonly urls: string[]
  readonly answers: Record<string, Answer>
  readonly pass: (ms: number) => void
}

const world = (answers: Record<string, Answer> = { [URL_OF_PEER]: document }, cacheEntriesMax = 100): World => {
  const { clock, pass } = watch()
  const { call, urls } = peers(answers)
  return { ...createDidResolver({ call, clock, mayUseHttp: () => false, cacheEntriesMax }), urls, answers, pass }
}
const other = (host: string): Record<string, Answer> => ({
  [`https://${host}/.well-known/did.json`]: { id: `did:web:${host}` },
})

describe('a DID document', () => {
  it('serves for five minutes and is then fetched again', async () => {
    const { resolve, urls, pass } = world()

    await resolve(PEER)
    pass(5 * MINUTE_MS - 1)
    await resolve(PEER)
    expect(urls).toHaveLength(1)

    pass(1)
    await resolve(PEER)
    expect(urls).toHaveLength(2)
  })

  it('is fetched once for all who ask at the same time', async () => {
    const { resolve, urls } = world()

    const all = await Promise.all([resolve(PEER), resolve(PEER), resolve(PEER)])

    expect(new Set(all).size).toBe(1)
    expect(urls).toHaveLength(1)
  })

  it('serves for up to an hour while its host is unreachable, and never longer', async () => {
    const { resolve, answers, pass } = world()
    await resolve(PEER)
    answers[URL_OF_PEER] = unreachable

    pass(60 * MINUTE_MS - 1)
    expect(await resolve(PEER)).toMatchObject({ id: PEER })

    pass(1)
    await expect(resolve(PEER)).rejects.toBe(unreachable)
  })

  // prettier-ignore
  it.each([
    ['is gone',                410,              'did.unresolvable'],
    ['has moved',              301,              'did.unresolvable'],
    ['is another\'s',          { id: 'did:web:other.example' }, 'did.malformed'],
    ['is not JSON any more',   '',               'did.malformed'],
    ['is forbidden now',       new ProblemError(problem('address.forbidden', 'private')), 'address.forbidden'],
  ])('does not serve any longer once it %s', async (_what, answer, code) => {
    const { resolve, answers, pass } = world()
    await resolve(PEER)
    answers[URL_OF_PEER] = answer

    pass(5 * MINUTE_MS)

    await expect(resolve(PEER)).rejects.toMatchObject({ problem: { code } })
  })

  it('serves on while its host answers with 500', async () => {
    const { resolve, answers, pass } = world()
    await resolve(PEER)
    answers[URL_OF_PEER] = 500

    pass(5 * MINUTE_MS)

    expect(await resolve(PEER)).toMatchObject({ id: PEER })
  })

  it('that could not be fetched is not asked for again at once', async () => {
    const { resolve, urls, answers, pass } = world({ [URL_OF_PEER]: unreachable })

    await expect(resolve(PEER)).rejects.toBe(unreachable)
    await expect(resolve(PEER)).rejects.toBe(unreachable)
    expect(urls).toHaveLength(1)

    pass(2_000)
    answers[URL_OF_PEER] = document
    expect(await resolve(PEER)).toMatchObject({ id: PEER })
    expect(urls).toHaveLength(2)
  })
})

describe('memory', () => {
  it('keeps the documents that were used last, and no more than it may', async () => {
    const { resolve, urls } = world({ [URL_OF_PEER]: document, ...other('b.example'), ...other('c.example') }, 2)

    await resolve(PEER)
    await resolve('did:web:b.example')
    await resolve(PEER)
    await resolve('did:web:c.example')
    await resolve(PEER)
    expect(urls).toHaveLength(3)

    await resolve('did:web:b.example')
    expect(urls).toHaveLength(4)
  })

  it('lets no more than 64 documents be fetched at once', async () => {
    const never = Promise.withResolvers<object>()
    const hosts = Array.from({ length: 65 }, (_, index) => `h${index}.example`)
    const { resolve } = world(
      Object.fromEntries(hosts.map((host) => [`https://${host}/.well-known/did.json`, never.promise])),
    )
    const waiting = hosts.slice(0, 64).map((host) => resolve(`did:web:${host}`))

    await expect(resolve('did:web:h64.example')).rejects.toMatchObject({ problem: { code: 'busy.limit' } })

    never.reject(unreachable)
    const ended = await Promise.allSettled(waiting)
    expect(ended.every(({ status }) => status === 'rejected')).toBe(true)
  })
})

describe('the scheme', () => {
  // prettier-ignore
  it.each([
    ['did:web:localhost%3A8181',     { loopback: true },                           'http://localhost:8181/.well-known/did.json'],
    ['did:web:localhost%3A8181',     {},                                           'https://localhost:8181/.well-known/did.json'],
    ['did:web:peer.example',         { loopback: true },                           'https://peer.example/.well-known/did.json'],
    ['did:web:consumer%3A8080',      { allowHttpHosts: ['consumer'] },             'http://consumer:8080/.well-known/did.json'],
    ['did:web:consumer%3A8080:a',    { allowHttpHosts: ['consumer:8080'] },        'http://consumer:8080/a/did.json'],
    ['did:web:consumer%3A8081',      { allowHttpHosts: ['consumer:8080'] },        'https://consumer:8081/.well-known/did.json'],
  ])('of %s with %j', async (did, settings, url) => {
    const { call, urls } = peers({})
    const { resolveDid } = await identity({ call, ...settings })

    await expect(resolveDid(did)).rejects.toMatchObject({ problem: { code: 'peer.unreachable' } })
    expect(urls).toEqual([url])
  })
})
