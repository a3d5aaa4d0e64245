# Builds without rights: what npm downloads and runs here is not run as root.
FROM node:24-bookworm-slim AS build
WORKDIR /app
RUN chown node:node /app
USER node
COPY --chown=node:node package.json package-lock.json .npmrc ./
COPY --chown=node:node scripts/node scripts/node
RUN npm ci
COPY --chown=node:node scripts/bundle.ts scripts/
COPY --chown=node:node src src
RUN node scripts/bundle.ts

# Debian 12 on purpose: its nft is 1.0.6. Verdict maps that a newer nft has written make an older one crash when it
# lists the ruleset, so the image ships the older one, and a node's own nft, of whatever age, can read the rules.
# Its package iptables has both kinds, legacy and nft; nfacct is for two of kube-proxy's counters.
FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends conntrack iptables nfacct nftables \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build --chown=0:0 /app/dist/bundle /app/dist/bundle
COPY package.json LICENSE /app/
# The young generation stays small: what a watch brings in either lives long or is garbage at once.
ENTRYPOINT ["node", "--max-semi-space-size=4", "--optimize-for-size", "/app/dist/bundle/rulewright.js"]
CMD ["run"]
