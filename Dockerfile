# Builds without rights: what npm downloads and runs here is not run as root.
FROM node:24-bookworm-slim AS build
WORKDIR /app
RUN chown node:node /app
USER node
COPY --chown=node:node package.json package-lock.json .npmrc ./
COPY --chown=node:node scripts/node scripts/node
RUN npm ci
COPY --chown=node:node tsconfig.json ./
COPY --chown=node:node src src
RUN npm run build && npm prune --omit=dev

# Debian 12 on purpose: its nft is 1.0.6. Verdict maps that a newer nft has written make an older one crash when it
# lists the ruleset, so the image ships the older one, and a node's own nft, of whatever age, can read the rules.
FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends conntrack iptables nftables \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
COPY package.json LICENSE /app/
ENTRYPOINT ["node", "/app/dist/cli/rulewright.js"]
