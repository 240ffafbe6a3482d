// Where the bytes of a dataset come from, as an administrator writes it.

/** A file, or a directory whose files are reached by the rest of the path. Relative to `data.filesDir` unless absolute. */
export interface FileSource {
  readonly type: 'file'
  readonly path: string
  readonly mediaType?: string
}

export type SourceMethod = 'GET' | 'HEAD' | 'POST'

/** A URL. `headers` are sent with every call and are secrets. What the consumer may add to it must be opened by name. */
export interface HttpSource {
  readonly type: 'http'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly mediaType?: string
  /** Paths below the URL: none (false, the default), all, or those that fit one of these globs. */
  readonly paths?: boolean | readonly string[]
  /** Query parameters: none (false, the default), all, or those of these names. */
  readonly query?: boolean | readonly string[]
  /** GET and HEAD where it is not given. */
  readonly methods?: readonly SourceMethod[]
}

/** An object of an S3-compatible store, or all objects below a prefix, reached by the rest of the path. */
export interface S3Source {
  readonly type: 's3'
  /** The origin of the store; the bucket is not part of it. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** Exactly one of the two; a prefix ends with a slash. */
  readonly key?: string
  readonly prefix?: string
  readonly accessKeyId: string
  /** A secret. */
  readonly secretAccessKey: string
  /** The bucket as the first segment of the path (true), or before the name of the host. */
  readonly pathStyle: boolean
  readonly mediaType?: string
}

export type DataSource = FileSource | HttpSource | S3Source

/** The members of a source, none of them looked at yet. */
export type Members = Readonly<Record<string, unknown>>

/** What every kind of source may say, looked at. */
export interface Typed {
  readonly mediaType?: string
}
