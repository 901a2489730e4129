# The images of docker-compose.yml, one stage each. None holds a secret, none runs as root.

# Only what npm looks at, so that a change of code does not install everything again.
FROM node:20-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/muc/package.json packages/muc/
COPY packages/muc-stanza/package.json packages/muc-stanza/
COPY packages/rest-contract/package.json packages/rest-contract/
COPY packages/room-store/package.json packages/room-store/
COPY packages/service-runtime/package.json packages/service-runtime/
COPY services/facade/package.json services/facade/
COPY services/launcher/package.json services/launcher/
COPY services/standalone/package.json services/standalone/
COPY services/tracker/package.json services/tracker/

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.base.json ./
COPY types types
COPY packages packages
COPY services services
RUN npx tsc -b \
  && mkdir /config && node services/launcher/dist/container-config-main.js /config

FROM node:20-bookworm-slim AS dependencies
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# What is common to tracker, facade and the maker of secrets. The user's number is the same in all
# images, since they share volumes: a new volume takes the owner of the folder where it is mounted.
FROM node:20-bookworm-slim AS service
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app ./
COPY --from=build /app/packages packages
COPY --from=build /app/services services
COPY docker/with-secrets.sh docker/make-secrets.sh /usr/local/bin/
ENTRYPOINT ["with-secrets.sh"]

FROM service AS secrets
RUN mkdir -p /secrets/component /secrets/redis && chown -R 10001:10001 /secrets
USER 10001:10001
ENTRYPOINT ["make-secrets.sh"]

FROM service AS tracker
RUN mkdir -p /secrets/component /secrets/redis && chown -R 10001:10001 /secrets
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["with-secrets.sh", "node", "services/tracker/dist/health-main.js"]
CMD ["node", "services/tracker/dist/main.js"]

FROM service AS facade
ENV FACADE_HOST=0.0.0.0 SITES_FILE=/sites/sites.json
RUN mkdir -p /sites /secrets/redis && chown -R 10001:10001 /sites /secrets
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "services/facade/dist/main.js"]

FROM debian:bookworm-slim AS prosody
RUN apt-get update \
  && apt-get install -y --no-install-recommends prosody \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir -p /data/certs /secrets/component && chown -R 10001:10001 /data /secrets
COPY --from=build /config/prosody.cfg.lua /etc/conference/
COPY prosody /usr/local/lib/conference/prosody
COPY docker/with-secrets.sh /usr/local/bin/
USER 10001:10001
EXPOSE 5222 5280 5347
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
  CMD ["bash", "-c", "</dev/tcp/127.0.0.1/5222 && </dev/tcp/127.0.0.1/5347"]
ENTRYPOINT ["with-secrets.sh"]
CMD ["prosody", "--config", "/etc/conference/prosody.cfg.lua", "-F"]

FROM debian:bookworm-slim AS redis
RUN apt-get update \
  && apt-get install -y --no-install-recommends redis-server \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir -p /data /secrets/redis && chown -R 10001:10001 /data /secrets
COPY --from=build /config/redis.conf /etc/conference/
COPY docker/with-secrets.sh docker/run-redis.sh /usr/local/bin/
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
  CMD ["with-secrets.sh", "sh", "-c", "redis-cli ping | grep -q PONG"]
ENTRYPOINT ["with-secrets.sh"]
CMD ["run-redis.sh"]
