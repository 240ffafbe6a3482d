// What goes into the image: every production package of the lock file, none of the others, each with a licence that we accept.

import { describe, expect, test } from 'vitest'
import { billOf, type Locked } from './sbom.ts'
import { textOf } from './tree.ts'

/** Licences that ask for no more than that their text comes along. Another one needs a person who has read it. */
const LICENCES = ['Apache-2.0', 'MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0']

const { packages: locked } = JSON.parse(textOf('package-lock.json')) as { packages: Locked }
const bill = billOf(locked, null)

/** Everything that is reached from the dependencies of package.json, read without the marks that npm puts into the lock file. */
function reachedFromRoot(): readonly string[] {
  const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: Readonly<Record<string, string>> }
  const reached = new Set<string>()
  const waiting = Object.keys(dependencies).map((name) => ({ name, from: '' }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { name, from } = next
    const folders = from
      .split('/node_modules/')
      .map((_, index, all) => all.slice(0, all.length - index).join('/node_modules/'))
    const path = [...folders.map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`].find(
      (each) => each in locked,
    )
    if (path === undefined) throw new Error(`${name}, needed by ${from}, is not in the lock file`)
    if (reached.has(path)) continue
    reached.add(path)
    waiting.push(...Object.keys(locked[path]?.dependencies ?? {}).map((each) => ({ name: each, from: path })))
  }
  return [...reached].map((path) => `${path.replace(/^.*node_modules\//, '')}@${String(locked[path]?.version)}`)
}

describe('the bill of materials', () => {
  test('lists every package that production needs, and no other', () => {
    const listed = bill.components.map(({ name, version }) => `${name}@${version}`)
    expect(listed.toSorted()).toEqual([...new Set(reachedFromRoot())].toSorted())
    expect(listed).toContain('express@' + String(locked['node_modules/express']?.version))
    expect(listed.filter((each) => each.startsWith('vitest@'))).toEqual([])
  })

  test('names of each its version, its digest and its licence', () => {
    const lacking = bill.components.filter(
      ({ version, hashes, licenses }) =>
        version === '' || hashes?.[0]?.content.length !== 128 || licenses?.length !== 1,
    )
    expect(lacking).toEqual([])
  })

  test('has no licence that asks for more than its own text', () => {
    const asking = bill.components.flatMap(({ purl, licenses = [] }) =>
      licenses.flatMap((each) => ('license' in each && LICENCES.includes(each.license.id) ? [] : [{ purl, each }])),
    )
    expect(asking).toEqual([])
  })

  test('says what each package needs, by references that it contains', () => {
    const refs = new Set([bill.metadata.component, ...bill.components].map((component) => component['bom-ref']))
    expect(bill.dependencies.map(({ ref }) => ref).toSorted()).toEqual([...refs].toSorted())
    expect(bill.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([])
  })

  test('is the same for the same lock file, in whatever order it names the packages', () => {
    expect(billOf(Object.fromEntries(Object.entries(locked).toReversed()), null)).toEqual(bill)
  })

  test('finds the version that Node finds where two are installed, and leaves out what only development needs', () => {
    const nested: Locked = {
      '': { name: 'it', version: '1.0.0', license: 'MIT', dependencies: { a: '*', b: '*' } },
      'node_modules/a': { version: '1.0.0', license: 'MIT', dependencies: { b: '*' } },
      'node_modules/a/node_modules/b': { version: '1.0.0', license: '(MIT OR GPL-3.0)' },
      'node_modules/b': { version: '2.0.0', license: 'MIT' },
      'node_modules/@c/d': { version: '3.0.0', license: 'MIT', dev: true },
    }
    const { components, dependencies } = billOf(nested, null)
    expect(components.map(({ purl }) => purl)).toEqual(['pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0', 'pkg:npm/b@2.0.0'])
    expect(components[1]?.licenses).toEqual([{ expression: '(MIT OR GPL-3.0)' }])
    expect(dependencies).toContainEqual({ ref: 'pkg:npm/it@1.0.0', dependsOn: ['pkg:npm/a@1.0.0', 'pkg:npm/b@2.0.0'] })
    expect(dependencies).toContainEqual({ ref: 'pkg:npm/a@1.0.0', dependsOn: ['pkg:npm/b@1.0.0'] })
  })

  test('adds Node and the packages of the system by the names that scanners look for', () => {
    const system = { node: '24.1.0', debian: '12', packages: [['libc6', '2.36-9+deb12u9', 'amd64']] as const }
    const purls = billOf(locked, system).components.map(({ purl }) => purl)
    expect(purls).toContain('pkg:generic/node@24.1.0')
    expect(purls).toContain('pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64&distro=debian-12')
    expect(purls.length).toBe(bill.components.length + 2)
  })
})
