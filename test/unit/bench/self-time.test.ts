// Where a CPU profile spent its time.

import { expect, test } from 'vitest'
import { selfTimeOf, type CpuProfile, type Share } from '../../bench/self-time.ts'

type CallFrame = CpuProfile['nodes'][number]['callFrame']

function frame(functionName: string, url = '', lineNumber = 0): CallFrame {
  return { functionName, url, lineNumber }
}

/** root → (idle) | ours (src/store) → native run | other (a package) → ours */
const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3, 5] },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('put', 'file:///app/src/store/statements.ts', 29), children: [4] },
    { id: 4, callFrame: frame('run') },
    { id: 5, callFrame: frame('', 'file:///app/node_modules/router/index.js', 9), children: [6] },
    { id: 6, callFrame: frame('put', 'file:///app/src/store/statements.ts', 29) },
  ],
  samples: [2, 3, 4, 5, 6],
  // The first one lies between the start and the first sample; the last sample has no end.
  timeDeltas: [7, 500, 100, 300, 40],
}

function share(shares: readonly Share[], name: string): Share | undefined {
  return shares.find((each) => each.name === name)
}

test('idle time is told apart and counts for nothing', () => {
  const { busyMs, idleMs, functions } = selfTimeOf([PROFILE])
  expect(idleMs).toBe(0.5)
  expect(busyMs).toBeCloseTo(0.44)
  expect(share(functions, '(idle)')).toBeUndefined()
})

test('a native function counts to the file and the package of its caller, and has a line of its own', () => {
  const { packages, files, functions } = selfTimeOf([PROFILE])
  expect(share(packages, 'src/store')?.selfPercent).toBeCloseTo(90.9, 1)
  expect(share(files, 'src/store/statements.ts')?.selfPercent).toBeCloseTo(90.9, 1)
  expect(functions[0]?.name).toBe('native run < put  src/store/statements.ts:30')
})

test('time with callees counts once, however often a name stands in the stack', () => {
  const recursive: CpuProfile = {
    nodes: [
      { id: 1, callFrame: frame('walk', 'file:///app/src/domain/a.ts'), children: [2] },
      { id: 2, callFrame: frame('walk', 'file:///app/src/domain/a.ts') },
    ],
    samples: [2, 2],
    timeDeltas: [0, 10, 10],
  }
  expect(selfTimeOf([recursive]).functions).toEqual([
    { name: 'walk  src/domain/a.ts:1', selfPercent: 100, totalPercent: 100 },
  ])
})

test('packages are named as in package.json, functions without a name as such', () => {
  const { packages, functions } = selfTimeOf([PROFILE])
  expect(share(packages, 'router')).toMatchObject({ totalPercent: expect.closeTo(9.09, 1) as number })
  expect(share(functions, '(anonymous)  router/index.js:10')?.selfPercent).toBeCloseTo(9.09, 1)
})

test('profiles of several processes are summed', () => {
  expect(selfTimeOf([PROFILE, PROFILE]).busyMs).toBeCloseTo(0.88)
})

test('a profile in which nothing happened has no shares to divide', () => {
  expect(selfTimeOf([{ nodes: [], samples: [], timeDeltas: [] }])).toEqual({
    busyMs: 0,
    idleMs: 0,
    packages: [],
    files: [],
    functions: [],
  })
})
