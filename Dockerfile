# Builds on two images of the same Node 26: one with a C compiler, and one of which the image gets Node and its
# libraries. Both are arguments, so that you can take others.
ARG BUILD_IMAGE=node:26
ARG NODE_IMAGE=node:26-slim

FROM ${BUILD_IMAGE} AS build
# Behind a proxy with a CA of your company: put its certificate into the clone, and build with
# --build-arg NODE_EXTRA_CA_CERTS=/src/company-ca.pem
ARG NODE_EXTRA_CA_CERTS
WORKDIR /src
COPY . .
RUN npm run --silent build
RUN cc -static -Os -s -Wall -Wextra -Werror -o sidecar/dist/lastgood sidecar/image/lastgood.c
RUN cc -shared -fPIC -nostdlib -Os -s -Wall -Wextra -Werror -o sidecar/dist/image/small-reads.so sidecar/image/small-reads.c

FROM ${NODE_IMAGE} AS content
ARG SOURCE_DATE_EPOCH=0
# `no` leaves out the one file that differs from build to build.
ARG COMPILE_CACHE=yes
WORKDIR /src
COPY --from=build /src/LICENSE ./
COPY --from=build /src/sidecar/dist/ sidecar/dist/
COPY sidecar/build/compile-cache.ts sidecar/build/lay-out-image.ts sidecar/build/
COPY sidecar/src/io/process/load-program.ts sidecar/src/io/process/
COPY sidecar/package.json sidecar/
# What V8 makes of the program, for the Node and the flags that will run it: the start takes 40 % less CPU time.
RUN if [ "$COMPILE_CACHE" = yes ]; then node --disable-sigusr1 --no-memory-pool-share-memory-on-teardown --max-semi-space-size=4 --max-old-space-size=32 sidecar/build/compile-cache.ts sidecar/dist/image; fi
RUN node sidecar/build/lay-out-image.ts /image

# Not the image: lastgood on an image with a shell and a package manager, for commands of your own.
FROM ${NODE_IMAGE} AS with-shell
COPY --from=content /image/lastgood/ /
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/lastgood"]

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="lastgood" \
      org.opencontainers.image.description="Configuration hot reload in a Kubernetes pod" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=content /image/node/ /
COPY --from=content /image/lastgood/ /
USER 65532:65532
EXPOSE 9533
ENV PATH=/usr/local/bin
ENTRYPOINT ["/usr/local/bin/lastgood"]
