# One image for every part: `ingress` by default, `worker` or any other verb of `baton` as the command.

FROM node:24-bookworm-slim AS build
WORKDIR /baton
COPY package.json package-lock.json tsconfig.json tsconfig.base.json ./
# npm wants to see every workspace that the lock file names.
COPY bench/package.json bench/
COPY drills/package.json drills/
COPY fuzz/package.json fuzz/
COPY reference/package.json reference/
COPY apps apps
COPY packages packages
# No dependency needs an install script, and our own `prepare` is the next line.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
RUN node_modules/.bin/tsc -b apps/cli
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts
# What is left runs: bin, dist/src and package.json of each workspace. Traces name the .ts lines by the source maps alone.
RUN rm -rf packages/testing apps/*/src apps/*/test apps/*/dist/test packages/*/src packages/*/test packages/*/dist/test

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 BATON_DATA_DIR=/data
WORKDIR /baton
COPY --from=build /baton/package.json ./
COPY --from=build /baton/node_modules node_modules
COPY --from=build /baton/apps apps
COPY --from=build /baton/packages packages
# A volume takes its owner from the folder that it is first mounted on.
RUN install -d -o node -g node /data
VOLUME /data
# The user `node`, by number: Kubernetes can tell then that it is not root.
USER 1000:1000
EXPOSE 7080 7082
# No npm and no shell in between: SIGTERM reaches node, which lets go of its work in hand.
ENTRYPOINT ["node", "--enable-source-maps", "apps/cli/bin/baton.js"]
CMD ["ingress"]
