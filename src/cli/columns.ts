// Rows as lines for a terminal: each column as wide as its widest word.

/** `nothing` is said where there are no rows. A word that holds a line feed makes no second line. */
export function columns(rows: readonly (readonly string[])[], nothing: string): string {
  if (rows.length === 0) return nothing
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows
    .map((row) =>
      row
        .map((word, column) => word.replaceAll(/[\n\t]/g, ' ').padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
