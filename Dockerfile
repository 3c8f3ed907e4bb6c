# Postern in a container: compiled JavaScript, no development tools, no root, nothing written but in /var/lib/postern.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /postern
# Before the sources, so that a change of those does not install everything again. Nothing needs an install script.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY tools/node tools/node
COPY scripts scripts
COPY examples examples
COPY dashboard dashboard
COPY src src
RUN npm run build:dashboard && npm run build
RUN npm prune --omit=dev --ignore-scripts

FROM node:24.21.0-bookworm-slim
WORKDIR /postern
COPY --from=build /postern/node_modules node_modules
COPY --from=build /postern/dist dist
COPY --from=build /postern/dashboard/dist dashboard/dist
COPY bin bin
COPY tools/node tools/node
COPY examples examples
COPY package.json LICENSE ./
RUN install --directory --mode=700 --owner=node --group=node /var/lib/postern
ENV NODE_ENV=production \
    POSTERN_DATA=/var/lib/postern \
    POSTERN_HTTP_HOST=0.0.0.0 \
    POSTERN_SMTP_HOST=0.0.0.0
USER node
VOLUME /var/lib/postern
EXPOSE 8000 8025
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8000/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/postern"]
CMD ["serve"]
