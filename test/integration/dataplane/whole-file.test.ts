import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { writeFileWhole } from '../../../src/dataplane/whole-file.ts'
import { scratch } from './scratch.ts'

test('what is not complete yet lies beside its place, where a rename is atomic, and is gone afterwards', async () => {
  const directory = scratch()
  const file = join(directory, 'out.csv')

  const meanwhile = await writeFileWhole(file, async (writable) => {
    await pipeline(['hour,', 'celsius'], writable)
    return readdirSync(directory)
  })

  expect(meanwhile).toEqual([expect.stringMatching(/^out\.csv\.part-/)])
  expect(readdirSync(directory)).toEqual(['out.csv'])
  expect(readFileSync(file, 'utf8')).toBe('hour,celsius')
})

test('what was thrown while it was written is thrown on, and nothing is left', async () => {
  const directory = scratch()
  const reason = new Error('changed my mind')

  const writing = writeFileWhole(join(directory, 'out.csv'), (writable) => {
    writable.write('half')
    return Promise.reject(reason)
  })

  await expect(writing).rejects.toBe(reason)
  expect(readdirSync(directory)).toEqual([])
})

test('what an attempt of that name has left when it was killed is cleared away by the next, and no other’s', async () => {
  const directory = scratch()
  const file = join(directory, 'out.csv')
  for (const name of ['mine', 'theirs']) {
    mkdirSync(`${file}.part-${name}`)
    writeFileSync(join(`${file}.part-${name}`, 'data'), 'half of something')
  }

  await writeFileWhole(file, (writable) => pipeline(['all of it'], writable), 'mine')

  expect(readdirSync(directory)).toEqual(['out.csv', 'out.csv.part-theirs'])
  expect(readFileSync(file, 'utf8')).toBe('all of it')
})
