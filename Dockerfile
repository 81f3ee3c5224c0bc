# Node 24 "Krypton" is the newest line that its own binary calls LTS (`process.release.lts`); Node 26
# does not say so yet. It reads TypeScript as it is, so nothing is compiled and tsx is not used.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json ./
COPY shared ./shared
COPY console ./console
RUN npm run --silent build && npm prune --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    CORDON_HOST=0.0.0.0 \
    CORDON_DATA_DIR=/data
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY shared ./shared
COPY server ./server
COPY device-sim ./device-sim
# All that is ever written lies here: the rest of the image can be mounted read-only.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 8080 1883 8083
# Alive, not ready: while the broker is away, a restart would only lose time.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", \
  "fetch(`http://127.0.0.1:${process.env.CORDON_HTTP_PORT ?? 8080}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=64", "server/main.ts"]
