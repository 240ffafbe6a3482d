// The data plane: sources, streams to others, pushes in both directions.

import { join, resolve } from 'node:path'
import { createFileDigests } from '../dataplane/file-digests.ts'
import { fileOf } from '../dataplane/file-source.ts'
import { createFillSink } from '../dataplane/fill-sink.ts'
import { openSource } from '../dataplane/open-source.ts'
import type { SealedSource } from '../domain/delivery/sealed-source.ts'
import { createAttemptPush } from '../shell/attempt-push.ts'
import { createRefusalBound } from '../shell/bound-refusals.ts'
import { createOpenDataset } from '../shell/open-dataset.ts'
import { createPushData } from '../shell/push-data.ts'
import { createReceiveData } from '../shell/receive-data.ts'
import { createServeData } from '../shell/serve-data.ts'
import { setTimer } from '../shell/timer.ts'
import type { Base } from './base.ts'
import type { Partners } from './partners.ts'

const FILE_DIGESTS = 'file.digests'
const WARM_DATASETS_MAX = 1_000

export type Data = ReturnType<typeof openData>

/** @param onBytesSent told of bytes that are pushed */
export function openData(base: Base, { peers, sources, identity }: Partners, onBytesSent: (bytes: number) => void) {
  const { settings, runtime, paths, store, reader, newScene, newUrn, seal, offers } = base
  const { clock, random, log } = runtime
  const { limits, data } = settings.config
  const { answerTimeoutMs: timeoutMs, answerBytesMax } = limits

  const fileDigests = createFileDigests({ entriesMax: 10_000, pendingMax: 1_000, file: join(paths.dir, FILE_DIGESTS) })
  const filesRoot = data.filesDir === undefined ? undefined : resolve(data.filesDir)
  const sinksDir = data.sinksDir === undefined ? undefined : resolve(data.sinksDir)
  const sourcePorts = {
    ...(filesRoot !== undefined && { filesRoot }),
    ...{ fileDigests, clock, call: sources.stream, timeoutMs, bodyTimeoutMs: timeoutMs },
  }
  const openDataset = createOpenDataset(seal.open, (source, request) => openSource(source, request, sourcePorts))
  const standing = { isAdmitted: identity.isAdmitted, regime: () => offers().regime }
  const serving = { store, standing, openDataset, newScene, newDeliveryId: newUrn, clock, setTimer }
  const serveData = createServeData({ ...serving, log, streamsMax: limits.dataStreamsMax })
  const attemptPush = createAttemptPush({
    ...{ ...serving, upload: peers.upload, random, onBytesSent, timeoutMs, answerBytesMax },
  })
  const pushData = createPushData({
    ...{ store, attemptPush, clock, log, setTimer },
    inFlightMax: limits.pushesInFlightMax,
    perPeerInFlightMax: limits.pushesPerPeerInFlightMax,
  })
  const refusals = createRefusalBound({ clock, perPeerHourMax: limits.refusalsPerPeerHourMax })
  const receiveData = createReceiveData({
    ...{ store, isAdmitted: identity.isAdmitted, refusals, newScene, openSecret: seal.open, log },
    fillSink: createFillSink({
      ...(sinksDir !== undefined && { sinksDir }),
      ...{ upload: sources.upload, clock, timeoutMs, answerBytesMax },
    }),
    bytesMax: limits.downloadBytesMax,
    streamsMax: limits.dataStreamsMax,
  })

  const warm = (source: SealedSource | null): void => {
    if (source?.type === 'file')
      void fileOf(source, filesRoot).then((path) => (path === null ? null : fileDigests.warm(path)))
  }
  return {
    ...{ fileDigests, sinksDir, standing, serveData, pushData, refusals, receiveData },
    /** The digest of a published file is computed beforehand, so that it can stand before the first byte. */
    warmDigests: () => {
      for (const { source } of reader.list('dataset', { after: null, limit: WARM_DATASETS_MAX })) warm(source)
      store.onCommit((writes) => {
        for (const write of writes) if ('put' in write && write.put === 'dataset') warm(write.row.source)
      })
    },
  }
}
