# One image, one process: the connector. The last stage holds Node, the libraries that Node is linked to, and the connector:
# no shell, no package manager, no build tools.

# A mirror, or a version pinned by its digest: --build-arg NODE_IMAGE=…
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS app
# A mirror of the registry of packages: npm reads the variable itself.
ARG NPM_CONFIG_REGISTRY
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package has to compile or to run a script: better-sqlite3 brings binaries for every platform, and its sources. What
# stays of it is the binary for this one.
RUN npm ci --omit=dev --ignore-scripts \
  && rm package-lock.json .npmrc \
  && cd node_modules/better-sqlite3 \
  && rm -r deps src binding.gyp \
  && find prebuilds -type f ! -name "linux-$(node -p process.arch).node" -delete
COPY LICENSE ./
COPY src ./src
COPY config ./config
COPY policies ./policies

# One start fills the compile cache, and a connector that does not start fails the build. It is the user `node` that starts
# it, because Node keeps a cache for each user and makes it readable by that user only. The keys of this start are thrown away.
ENV NODE_COMPILE_CACHE=/app/.cache/node
RUN mkdir -p data .cache/node && chown node:node data .cache/node && chmod 0700 data
USER node
RUN warm="$(mktemp -d)" \
  && LINGQU_DATA="$warm" timeout --preserve-status --signal=TERM 10 node src/main.ts \
  && { node src/cli/main.ts health || test "$?" = 3; } \
  && rm -r "$warm" \
  && chmod -R a-w .cache/node

# What the last stage has of the system, below /system: Node and its libraries, the user `node`, how names are resolved, the
# command `lingqu`, and whose packages these are, in the form in which scanners look for it.
FROM ${NODE_IMAGE} AS system
WORKDIR /system
COPY package-lock.json test/architecture/sbom.ts /build/
RUN set -eu; \
  node="$(command -v node)"; \
  install -D "$node" usr/local/bin/node; \
  printf '#!/usr/local/bin/node\nimport "/app/src/cli/main.ts"\n' > usr/local/bin/lingqu; \
  chmod 0755 usr/local/bin/lingqu; \
  \
  libraries="$(ldd "$node" | grep -o '/[^ ]*')"; \
  for library in $libraries; do install -D "$(readlink -f "$library")" ".$library"; done; \
  \
  mkdir app etc; \
  grep -E '^(root|node):' /etc/passwd > etc/passwd; \
  grep -E '^(root|node):' /etc/group > etc/group; \
  cp -L /etc/os-release etc/os-release; \
  echo 'hosts: files dns' > etc/nsswitch.conf; \
  \
  owners="$(for library in $libraries; do dpkg -S "$library" "/usr$library" 2> /dev/null || true; done | cut -d: -f1 | sort -u)"; \
  for owner in $owners; do \
    install -D "/usr/share/doc/$owner/copyright" "usr/share/doc/$owner/copyright"; \
    mkdir -p var/lib/dpkg/status.d; \
    dpkg-query -s "$owner" > "var/lib/dpkg/status.d/$owner"; \
  done; \
  if [ -f /usr/local/LICENSE ]; then install -D /usr/local/LICENSE usr/share/doc/node/copyright; fi; \
  dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' $owners \
    | node /build/sbom.ts /build/package-lock.json /etc/os-release > app/sbom.cdx.json

FROM scratch
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Lingqu" \
  org.opencontainers.image.description="A dataspace connector: DSP 2025-1, ODRL contracts enforced on every transfer, tamper-evident evidence" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.licenses="Apache-2.0"
COPY --from=system /system /
COPY --from=app /app /app

WORKDIR /app
# SQLite's own scratch files go where anything may be written: with a read-only root that is the data directory alone.
ENV PATH=/usr/local/bin NODE_ENV=production NODE_COMPILE_CACHE=/app/.cache/node SQLITE_TMPDIR=/app/data
USER 1000:1000

# The only directory that is written to. `config` and `policies` are meant to be mounted over, read-only.
VOLUME /app/data

# The public port. The management port listens inside the container only, unless management.host says otherwise.
EXPOSE 8181

# Reads the settings as the connector does: other ports, addresses and TLS need no check of their own.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["lingqu", "health"]

# Node, as the first process, handles the signal itself, and starts no process that would have to be reaped.
STOPSIGNAL SIGTERM
CMD ["node", "src/main.ts"]
