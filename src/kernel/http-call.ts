// Calls over HTTP as ports: what a caller may ask for and what it gets, in no library's words.

/** One request. `timeoutMs` covers name resolution, connection and headers; `bodyBytesMax` is the most the answer may hold. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'HEAD'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** For an `HttpCall` this covers the whole exchange; for an `HttpStreamCall` the time until the headers are there. */
  readonly timeoutMs: number
  readonly bodyBytesMax: number
}

/** The whole answer. Header names are in lower case; a header that came more than once is joined with `, `. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/**
 * Sends one request and reads the whole answer, whatever its status; redirects are answers, never followed.
 * Throws a ProblemError: `address.forbidden` (the guard says no; nothing was sent), `peer.unreachable` (no answer, or not in
 * time), `peer.malformed` (the answer is larger than `bodyBytesMax`, or is not HTTP).
 */
export type HttpCall = (request: HttpRequest) => Promise<HttpResponse>

/** Bytes as they arrive. Whoever does not read to the end calls `destroy`, or the connection stays taken. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  destroy(error?: Error): unknown
}

/** The answer's head, and its body as a stream. `trailers()` is complete when the body has been read to its end. */
export interface HttpStreamResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ByteStream
  /** Takes a piece of the body back that nobody will look at any more, and frees its memory; absent where it cannot. */
  readonly recycle?: (piece: Uint8Array) => void
  readonly trailers: () => Readonly<Record<string, string>>
}

/** Like an HttpRequest without a cap on the body. `bodyTimeoutMs` is the longest pause between two pieces of the body. */
export interface HttpStreamRequest extends Omit<HttpRequest, 'bodyBytesMax'> {
  readonly bodyTimeoutMs: number
  readonly signal?: AbortSignal
}

/** One request whose body is sent as it comes, with the length that its headers announce, or else in chunks. */
export interface HttpUpload extends Omit<HttpRequest, 'method' | 'body'> {
  readonly method: 'PUT' | 'POST'
  readonly body: AsyncIterable<Uint8Array>
  /**
   * Until there is a connection, until a piece is taken, and from the last one to the answer. How long the body may let itself be
   * waited for is for the body to say.
   */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Like an HttpCall; never sent twice, and of an answer that is larger than `bodyBytesMax` the beginning is given. What the body
 * throws is thrown, and the other side never takes a part for the whole.
 */
export type HttpUploadCall = (request: HttpUpload) => Promise<HttpResponse>

/** Sends one request and hands the answer over as it arrives. Throws as HttpCall does; a body that breaks off throws while it is read. */
export type HttpStreamCall = (request: HttpStreamRequest) => Promise<HttpStreamResponse>
