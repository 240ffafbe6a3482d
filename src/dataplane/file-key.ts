// When two looks at a file saw the same content: a key of what the file system says about it.

import type { BigIntStats } from 'node:fs'

/**
 * Device, inode, size, and the nanoseconds of the last change to content and to inode. The last one is there because tools
 * that copy (`cp -p`, `rsync -t`, `touch -r`) can set the time of the content back, but nobody can set that of the inode.
 */
export function fileKey({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':')
}

/** A strong ETag (RFC 9110, 8.8.3): inode, size and time of the last change, in hexadecimal. */
export function fileEtag({ ino, size, mtimeNs }: BigIntStats): string {
  return `"${[ino, size, mtimeNs].map((part) => part.toString(16)).join('-')}"`
}
