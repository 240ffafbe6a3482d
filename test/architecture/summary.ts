// How many tests passed and failed over some JSON reports of vitest. Pure.

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly success: boolean
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

/**
 * A file that fails without any failed test (it does not load, or its hooks throw) counts as one failure, and so does a
 * report that says it failed and names nothing.
 */
export function summary(reports: readonly unknown[]): { readonly passed: number; readonly failed: number } {
  const sums = reports.map((unknownReport) => {
    const report = unknownReport as Report
    const brokenFiles = report.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
    )
    const failed = report.numFailedTests + brokenFiles.length
    return { passed: report.numPassedTests, failed: failed === 0 && !report.success ? 1 : failed }
  })
  return { passed: total(sums.map(({ passed }) => passed)), failed: total(sums.map(({ failed }) => failed)) }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
