// What is written when the policy files were read: which generation is in force, what is kept, and what goes on record.

import { describe, expect, it } from 'vitest'
import { keepGeneration, type KeepLimits, type Reading } from '../../../../src/domain/generations/keep-generation.ts'
import type { PolicyGenerationRow, Write } from '../../../../src/domain/ledger.ts'
import { NOW, PROVIDER } from '../../../fixtures/builders.ts'

const MISTAKE = { file: 'offers/a.yaml', line: 3, column: 5, code: 'policy.invalid', message: 'expected a list' }

function reading(digest: string, more: Partial<Reading> = {}): Reading {
  return {
    ...{ digest, folderDigest: digest, backTo: null, at: NOW, by: '(folder)', files: 2, packed: 'x'.repeat(10) },
    ...{ findings: [], told: { offers: 1 } },
    ...more,
  }
}
const refused = (digest: string): Reading => reading(digest, { findings: [MISTAKE] })

/** What is kept after these readings, oldest first. */
class Book {
  rows: readonly PolicyGenerationRow[] = []
  contents: ReadonlySet<string> = new Set()
  entries: readonly Extract<Write, { append: 'evidence' }>['entry'][] = []

  add(each: Reading, limits?: KeepLimits): number {
    const { write, result } = keepGeneration(this.rows, PROVIDER, each, limits)
    for (const one of write) this.#apply(one)
    return result
  }

  #apply(write: Write): void {
    if ('append' in write) this.entries = [...this.entries, write.entry]
    else if ('remove' in write && write.remove === 'policyGeneration')
      this.rows = this.rows.filter(({ number }) => String(number) !== write.key[0])
    else if ('remove' in write) this.contents = new Set([...this.contents].filter((digest) => digest !== write.key[0]))
    else if (write.put === 'policyContent') this.contents = new Set([...this.contents, write.row.digest])
    else if (write.put === 'policyGeneration') {
      const { row } = write
      this.rows = [...this.rows.filter(({ number }) => number !== row.number), row].sort((a, b) => a.number - b.number)
      const active = this.rows.filter(({ state }) => state === 'active')
      if (active.length > 1) throw new Error('two generations were in force at once')
    }
  }

  states(): readonly string[] {
    return this.rows.map(({ number, state }) => `${String(number)} ${state}`)
  }
}

describe('a reading without findings', () => {
  it('becomes the next generation, and the one before is superseded', () => {
    const book = new Book()

    expect([book.add(reading('a')), book.add(reading('b'))]).toEqual([1, 2])

    expect(book.states()).toEqual(['1 superseded', '2 active'])
    expect([...book.contents]).toEqual(['a', 'b'])
  })

  it('goes on record with its number, digest and files', () => {
    const book = new Book()
    book.add(reading('a', { backTo: 7, by: 'admin' }))

    expect(book.entries).toEqual([
      {
        ...{ type: 'policy.loaded', at: NOW, actor: PROVIDER, policyDigest: 'a' },
        ext: { generation: 1, digest: 'a', by: 'admin', files: 2, backTo: 7, offers: 1 },
      },
    ])
  })
})

describe('a reading with findings', () => {
  it('leaves in force what was, and goes on record with the places of the mistakes', () => {
    const book = new Book()
    book.add(reading('a'))
    book.add(refused('b'))

    expect(book.states()).toEqual(['1 active', '2 refused'])
    expect(book.entries.at(-1)).toEqual({
      ...{ type: 'policy.rejected', at: NOW, actor: PROVIDER, policyDigest: 'b' },
      ext: {
        ...{ generation: 2, digest: 'b', by: '(folder)', mistakes: 1 },
        findings: ['offers/a.yaml:3:5 policy.invalid: expected a list'],
      },
    })
  })

  it('keeps and tells the first twenty of them, and how many there were', () => {
    const book = new Book()
    book.add(reading('b', { findings: Array.from({ length: 25 }, () => MISTAKE) }))

    expect([book.rows[0]?.mistakes, book.rows[0]?.findings.length]).toEqual([25, 20])
    expect(book.entries[0]?.ext?.['findings']).toHaveLength(20)
  })

  it('that was the last to be refused is not said again', () => {
    const book = new Book()
    book.add(reading('a'))
    book.add(refused('b'))

    expect([book.add(refused('b')), book.add(refused('b'))]).toEqual([2, 2])

    expect([book.rows.length, book.entries.length]).toEqual([2, 2])
  })

  it('is not said again because somebody went back to an earlier generation meanwhile', () => {
    const book = new Book()
    for (const each of [reading('a'), reading('b'), refused('x')]) book.add(each)
    book.add(reading('a', { backTo: 1, folderDigest: 'x' }))

    expect(book.add(refused('x'))).toBe(3)
    expect(book.states()).toEqual(['1 superseded', '2 superseded', '3 refused', '4 active'])
  })

  it('is said again once something else was read in between', () => {
    const book = new Book()
    for (const each of [refused('b'), reading('a'), refused('b')]) book.add(each)
    expect(book.states()).toEqual(['1 refused', '2 active', '3 refused'])
  })
})

describe('what is kept', () => {
  const limits = { goodMax: 3, refusedMax: 2, bytesMax: 1_000 }

  it('is the newest that were in force and the newest that were refused, each by a number of its own', () => {
    const book = new Book()
    for (const digest of ['a', 'b', 'c', 'd']) book.add(reading(digest), limits)
    for (const digest of ['v', 'w', 'x', 'y']) book.add(refused(digest), limits)

    expect(book.states()).toEqual(['2 superseded', '3 superseded', '4 active', '7 refused', '8 refused'])
    expect([...book.contents].sort()).toEqual(['b', 'c', 'd', 'x', 'y'])
  })

  it('is never without the one in force, however many were refused after it and however large it is', () => {
    const book = new Book()
    book.add(reading('a', { packed: 'x'.repeat(5_000) }), limits)
    for (let time = 0; time < 9; time += 1) book.add(refused(`b${String(time)}`), limits)

    expect(book.states()[0]).toBe('1 active')
    expect(book.contents.has('a')).toBe(true)
  })

  it('takes no more bytes than allowed: what was refused goes before what was in force, and of those the oldest', () => {
    const book = new Book()
    const tight = { goodMax: 9, refusedMax: 9, bytesMax: 35 }
    for (const each of [refused('x'), reading('a'), reading('b'), reading('c')]) book.add(each, tight)
    expect(book.states()).toEqual(['2 superseded', '3 superseded', '4 active'])

    book.add(reading('d'), tight)
    expect(book.states()).toEqual(['3 superseded', '4 superseded', '5 active'])
    expect([...book.contents].sort()).toEqual(['b', 'c', 'd'])
  })

  it('holds the files of two generations with the same digest once, as long as one of them is kept', () => {
    const book = new Book()
    const two = { goodMax: 2, refusedMax: 2, bytesMax: 1_000 }
    for (const digest of ['a', 'b', 'a']) book.add(reading(digest), two)
    expect([book.states(), [...book.contents].sort()]).toEqual([
      ['2 superseded', '3 active'],
      ['a', 'b'],
    ])

    for (const digest of ['c', 'd']) book.add(reading(digest), two)
    expect([...book.contents].sort()).toEqual(['c', 'd'])
  })
})
