# One image, one process: the connector. Packages are installed in a stage of their own, so that npm's cache stays there.

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package has to compile or to run a script: better-sqlite3 brings its binaries along.
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
COPY config ./config
COPY policies ./policies

ENV NODE_COMPILE_CACHE=/app/.cache/node
RUN mkdir -p data .cache/node && chown node:node data .cache/node
USER node

# One start fills the compile cache, and a connector that does not start fails the build. It is the user `node` that starts
# it, because Node keeps a cache for each user and makes it readable by that user only. The keys of this start are thrown away.
RUN warm="$(mktemp -d)" \
  && LINGQU_DATA="$warm" timeout --preserve-status --signal=TERM 10 node src/main.ts \
  && rm -r "$warm" \
  && chmod -R a-w .cache/node

# The only directory that is written to: the rest also works on a read-only root file system. `config` and `policies` are
# meant to be mounted over.
VOLUME /app/data

# The public port. The management port listens inside the container only, unless management.host says otherwise.
EXPOSE 8181

# Give a health check of your own where public.tls is set, where public.host is one certain address, or where the port is
# set in the file and not in the variable.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.LINGQU_PUBLIC__PORT || 8181}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

CMD ["node", "src/main.ts"]
