// `files.ts direct FILE | proxy URL | hash URL`: the least that a Node server does to deliver a file, to pass a body on, and
// to pass it on with its SHA-256.

import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { Agent, get, type RequestListener } from 'node:http'
import { serve } from './serve.ts'

const [how = '', what = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })

const direct: RequestListener = (_request, response) => {
  response.setHeader('content-length', statSync(what).size)
  createReadStream(what).pipe(response)
}

function passOn(hashes: boolean): RequestListener {
  return (_request, response) => {
    get(what, { agent }, (upstream) => {
      const hash = hashes ? createHash('sha256') : null
      response.setHeader('content-length', upstream.headers['content-length'] ?? '')
      upstream.on('data', (piece: Buffer) => hash?.update(piece))
      upstream.pipe(response)
      upstream.once('end', () => hash?.digest('hex'))
    })
  }
}

serve(how === 'direct' ? direct : passOn(how === 'hash'))
