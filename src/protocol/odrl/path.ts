// Where in a policy something stands: `permission[0].constraint[1].and[0]`.

export function member(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

export function item(path: string, index: number): string {
  return `${path}[${String(index)}]`
}
