// The closing line of continuous integration.

import { describe, expect, test } from 'vitest'
import { summary } from './summary.ts'

function report(passed: number, failed: number, files: readonly (readonly string[])[] = [], success = failed === 0) {
  const testResults = files.map(([status = '', ...tests]) => ({
    status,
    assertionResults: tests.map((one) => ({ status: one })),
  }))
  return { numPassedTests: passed, numFailedTests: failed, success, testResults }
}

describe('summary', () => {
  test('adds up what the reports say', () => {
    const reports = [report(3, 0, [['passed', 'passed']]), report(2, 1, [['failed', 'failed', 'passed']])]
    expect(summary(reports)).toEqual({ passed: 5, failed: 1 })
  })

  test('counts a file that did not load as one failure', () => {
    expect(summary([report(3, 0, [['failed'], ['passed', 'passed']], false)])).toEqual({ passed: 3, failed: 1 })
  })

  test('counts a file whose hooks failed after its tests passed as one failure', () => {
    expect(summary([report(1, 0, [['failed', 'passed']], false), report(1, 0)])).toEqual({ passed: 2, failed: 1 })
    expect(
      summary([
        report(
          1,
          1,
          [
            ['failed', 'passed'],
            ['failed', 'failed'],
          ],
          false,
        ),
      ]),
    ).toEqual({ passed: 1, failed: 2 })
  })

  test('counts a report that failed and does not say where as one failure', () => {
    expect(summary([report(3, 0, [], false)])).toEqual({ passed: 3, failed: 1 })
  })

  test('of nothing is nothing', () => {
    expect(summary([])).toEqual({ passed: 0, failed: 0 })
  })
})
