// Random policies over facts of every kind, and random facts near the bounds that they name.

import fc from 'fast-check'
import { compilePolicy } from '../../src/domain/policy/compile.ts'
import type { CompiledPolicy } from '../../src/domain/policy/compiled.ts'
import { sideOf, type Side } from '../../src/domain/policy/analysis/side.ts'
import type { Fact, Facts } from '../../src/domain/policy/facts.ts'
import type { Memberships } from '../../src/domain/policy/values.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { instant } from '../../src/kernel/time.ts'
import type { ParticipantId } from '../../src/protocol/ids.ts'
import type { Constraint, Duty, Rule, Rules } from '../../src/protocol/odrl/types.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const START_MS = Date.parse('2026-01-31T00:00:00Z')

export const MEMBERSHIPS: Memberships = {
  'did:web:a': ['lenders'],
  'did:web:b': ['lenders', 'banks'],
  banks: ['lenders'],
  lenders: [],
  research: ['knowledge'],
  clinical: ['research'],
  knowledge: [],
  resale: [],
}

const PLACES = ['CN', 'CN-45', '4501', 'CN-31', 'VN', 'SG', 'ASEAN']
const PARTIES = ['did:web:a', 'did:web:b', 'did:web:c', 'lenders', 'banks']
const PURPOSES = ['research', 'clinical', 'resale', 'knowledge', 'strange']
const ROLES = ['provider', 'consumer', 'auditor']
const NETWORKS = ['10.0.0.0/8', '10.0.0.0/9', '10.128.0.0/9', '10.1.2.3', 'host.example', '*.example']
const WINDOWS = ['Mon-Fri 09:00-17:00 Asia/Shanghai', 'Sat,Sun 22:00-02:00 Asia/Shanghai', '00:00-12:00 Z']
const RATES = ['0/PT1H', '1/PT1H', '2/PT1H', '1/P1D', '3/P1D']
const AGES = ['PT0S', 'P1D', 'P3D', 'P1M', 'P2M', 'P40D']

const smalls = fc.integer({ min: 0, max: 4 })
const dates = smalls.map((day) => new Date(START_MS + day * DAY_MS).toISOString())
const some = (values: readonly string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
const of = (...operators: readonly string[]) => fc.constantFrom(...operators)
const ordered = of('eq', 'neq', 'lt', 'lteq', 'gt', 'gteq')
const atom = (leftOperand: string, operator: fc.Arbitrary<string>, rightOperand: fc.Arbitrary<string | string[]>) =>
  fc.record({ leftOperand: fc.constant(leftOperand), operator, rightOperand })

export const atoms: fc.Arbitrary<Constraint> = fc.oneof(
  atom('count', ordered, smalls.map(String)),
  atom('tds:dataSize', ordered, smalls.map(String)),
  atom('dateTime', ordered, dates),
  atom('elapsedTime', of('eq', 'lt', 'lteq'), fc.constantFrom(...AGES)),
  atom('meteredTime', of('eq', 'lt', 'lteq'), fc.constantFrom('PT0S', 'PT1H', 'P1M')),
  atom('delayPeriod', of('gt', 'gteq'), fc.constantFrom('PT0S', 'PT1H', 'P1D')),
  atom('percentage', ordered, fc.constantFrom('0', '0.5', '0.25', '1')),
  fc.record({
    leftOperand: fc.constant('payAmount'),
    operator: ordered,
    rightOperand: smalls.map(String),
    unit: of('CNY', 'USD'),
  }),
  atom('tds:frequency', of('lt', 'lteq'), fc.constantFrom(...RATES)),
  atom('tds:dailyWindow', of('isPartOf', 'isNoneOf'), some(WINDOWS)),
  atom('tds:mechanismValidUntil', ordered, fc.oneof(dates, fc.constant('ctx:now'))),
  atom('spatial', of('eq', 'neq'), fc.constantFrom(...PLACES)),
  atom('spatial', of('isAnyOf', 'isNoneOf', 'isAllOf', 'isPartOf', 'hasPart'), some(PLACES)),
  atom('recipient', of('isAnyOf', 'isNoneOf', 'isPartOf', 'hasPart'), some(PARTIES)),
  atom('purpose', of('isAnyOf', 'isNoneOf', 'isA', 'isPartOf', 'isAllOf'), some(PURPOSES)),
  atom('tds:role', of('eq', 'neq'), fc.constantFrom(...ROLES)),
  atom('tds:role', of('isA', 'isPartOf', 'hasPart', 'isAnyOf', 'isNoneOf', 'isAllOf'), some(ROLES)),
  atom('virtualLocation', of('isPartOf', 'isAnyOf', 'isNoneOf', 'hasPart'), some(NETWORKS)),
  atom('tds:ciio', of('eq', 'neq'), of('true', 'false')),
  atom('recipient', of('isAnyOf'), fc.constant(['consent:listed', 'did:web:a'])),
)

/** Over so few facts that constraints often meet. */
const closeAtoms: fc.Arbitrary<Constraint> = fc.oneof(
  atom('count', ordered, smalls.map(String)),
  atom('spatial', of('isAnyOf', 'isNoneOf', 'isPartOf'), some(['CN', 'CN-45', 'VN'])),
  atom('tds:role', of('isAnyOf', 'isNoneOf', 'isAllOf'), some(ROLES)),
  atom('purpose', of('isAnyOf', 'isNoneOf', 'isA'), some(PURPOSES)),
)

function constraintsOver(atoms: fc.Arbitrary<Constraint>, maxDepth: number): fc.Arbitrary<Constraint> {
  return fc.letrec<{ constraint: Constraint }>((tie) => {
    const parts = fc.array(tie('constraint'), { minLength: 1, maxLength: 3 })
    return {
      constraint: fc.oneof(
        { maxDepth, withCrossShrink: true },
        atoms,
        parts.map((and) => ({ and })),
        parts.map((or) => ({ or })),
        parts.map((xone) => ({ xone })),
        parts.map((andSequence) => ({ andSequence })),
      ),
    }
  }).constraint
}

const actions = fc.constantFrom('use', 'use', 'read', 'distribute')

interface Parts {
  readonly constraints: fc.Arbitrary<Constraint>
  readonly prohibitions: fc.Arbitrary<Rule>
  readonly policies: fc.Arbitrary<Rules>
}

function policiesOver(atoms: fc.Arbitrary<Constraint>, maxDepth: number): Parts {
  const constraints = constraintsOver(atoms, maxDepth)
  const lists = fc.array(constraints, { maxLength: 3 })
  const duties: fc.Arbitrary<Duty> = fc
    .record({
      action: fc.constantFrom('compensate', 'delete', 'obtainConsent'),
      constraint: fc.array(atoms, { maxLength: 1 }),
      consequence: fc.array(fc.constant({ action: 'inform' }), { maxLength: 1 }),
    })
    .map(({ consequence, ...duty }) => (consequence.length === 0 ? duty : { ...duty, consequence }))
  const permissions: fc.Arbitrary<Rule> = fc.record({
    action: actions,
    constraint: lists,
    refinement: fc.array(atoms, { maxLength: 1 }),
    duty: fc.array(duties, { maxLength: 1 }),
  })
  const prohibitions: fc.Arbitrary<Rule> = fc.record({ action: actions, constraint: lists })
  const policies: fc.Arbitrary<Rules> = fc.record({
    conflict: fc.constantFrom('perm', 'prohibit', 'invalid'),
    permission: fc.array(permissions, { minLength: 1, maxLength: 3 }),
    prohibition: fc.array(prohibitions, { maxLength: 2 }),
  })
  return { constraints, prohibitions, policies }
}

export const { constraints, prohibitions, policies } = policiesOver(atoms, 3)
export const { policies: closePolicies } = policiesOver(closeAtoms, 1)

const oneOrNone = (values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined })
const KNOWN: Readonly<Record<string, fc.Arbitrary<Fact | undefined>>> = {
  'tds:dataSize': oneOrNone(['0', '1', '2', '3', '5']),
  meteredTime: oneOrNone(['PT0S', 'PT30M', 'PT1H', 'PT2H']),
  percentage: oneOrNone(['0', '0.25', '0.3', '0.5', '1', '2']),
  payAmount: fc.option(fc.constantFrom<Fact>('0 CNY', '2 CNY', '3 USD', ['4 CNY', '1 USD'], ['2.5 CNY']), {
    nil: undefined,
  }),
  'tds:mechanismValidUntil': fc.option(dates, { nil: undefined }),
  purpose: oneOrNone([...PURPOSES, 'unheard']),
  'tds:role': fc.option(fc.uniqueArray(fc.constantFrom(...ROLES, 'guest'), { minLength: 1, maxLength: 3 }), {
    nil: undefined,
  }),
  virtualLocation: oneOrNone([
    '10.0.0.1',
    '10.200.0.1',
    '10.1.2.3',
    '192.0.2.1',
    'host.example',
    'x.host.example',
    '2001:db8::1',
  ]),
  'tds:ciio': oneOrNone(['true', 'false']),
  'consent:listed': oneOrNone(['did:web:b', 'did:web:z']),
}

/** As `start` and `during` have them: facts that are known are of their types, and one where one is expected. */
export const situations: fc.Arbitrary<Facts> = fc
  .record({
    now: fc.integer({ min: -2, max: 6 * 24 }).map((hour) => instant(START_MS + hour * HOUR_MS)),
    participant: fc.constantFrom('did:web:a', 'did:web:b', 'did:web:c').map((id) => id as ParticipantId),
    country: fc.option(fc.constantFrom(...PLACES, 'CN-45', 'VN-SG', '450102', 'US')),
    agreedDaysAgo: fc.option(fc.constantFrom(-1, 0, 1, 2, 3, 28, 30, 31, 59, 62)),
    used: smalls,
    usesHoursAgo: fc.option(fc.array(fc.constantFrom(0, 0.5, 1, 2, 23, 24, 30), { maxLength: 4 }), { nil: undefined }),
    known: fc.record(KNOWN),
    duty: fc.constantFrom('nonset', 'fulfilled', 'late', 'violated'),
    second: fc.constantFrom('nonset', 'fulfilled', 'late'),
  })
  .map(({ now, agreedDaysAgo, usesHoursAgo, known, duty, second, ...rest }) => ({
    ...rest,
    now,
    purpose: null,
    agreedAt: agreedDaysAgo === null ? null : instant(now - agreedDaysAgo * DAY_MS),
    known: Object.fromEntries(Object.entries(known).filter(([, fact]) => fact !== undefined)) as Record<string, Fact>,
    ...(usesHoursAgo !== undefined && { uses: usesHoursAgo.map((hours) => instant(now - hours * HOUR_MS)) }),
    duties: Object.fromEntries(
      [0, 1, 2].flatMap((index) => [
        [`permission[${String(index)}].duty[0]`, index === 1 ? second : duty] as const,
        [`permission[${String(index)}].duty[0].consequence[0]`, second] as const,
      ]),
    ),
    memberships: MEMBERSHIPS,
  }))
export const deliveries = fc.constantFrom('start', 'during')

export function compiledOf(rules: Rules): CompiledPolicy {
  return orThrow(compilePolicy(rules))
}

export function side(rules: Rules): Side {
  return sideOf(compiledOf(rules), rules, MEMBERSHIPS)
}
