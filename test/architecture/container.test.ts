// What the Dockerfile says twice, or leaves for another file to agree with. `npm run container` builds it and tries it.

import { expect, test } from 'vitest'
import { textOf } from './tree.ts'

const dockerfile = textOf('Dockerfile')

test('the label of the image names the version of package.json', () => {
  const { version } = JSON.parse(textOf('package.json')) as { version: string }
  expect(/image\.version="([^"]*)"/.exec(dockerfile)?.[1]).toBe(version)
})

test('what goes to the build is what the Dockerfile copies, and nothing else: no secrets, no databases, no tests', () => {
  const copied = dockerfile
    .split('\n')
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1))
  const ignored = textOf('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

  expect(ignored[0]).toBe('*')
  expect(ignored.slice(1).toSorted()).toEqual([...new Set(copied)].map((path) => `!${path}`).toSorted())
})

test('the last stage begins with nothing, and runs nothing as root', () => {
  const last = dockerfile.split('\nFROM ').at(-1) ?? ''
  expect(last.startsWith('scratch\n')).toBe(true)
  expect(last).toContain('\nUSER 1000:1000\n')
  expect(last).not.toMatch(/\nRUN /)
})
