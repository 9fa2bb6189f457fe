# Two stages: the first builds the single file that the second runs. The base is an argument, so that you
# can build on another image of Node 26.
ARG NODE_IMAGE=node:26-slim

FROM ${NODE_IMAGE} AS build
# Behind a proxy with a CA of your company: put its certificate into the clone, and build with
# --build-arg NODE_EXTRA_CA_CERTS=/src/company-ca.pem
ARG NODE_EXTRA_CA_CERTS
WORKDIR /src
COPY . .
RUN npm run --silent build
# What V8 makes of the program, for the Node and the flags that will run it. The start takes 40 % less CPU time.
RUN /usr/local/bin/node --disable-sigusr1 --no-memory-pool-share-memory-on-teardown --max-semi-space-size=4 --max-old-space-size=32 sidecar/build/compile-cache.ts sidecar/dist/image
# For manifests that name the program of another reloader in `command`; docs/drop-in.md.
RUN mkdir -p /links/usr/bin /links/usr/local/lib/lastgood \
 && for link in /configmap-reload /usr/bin/prometheus-config-reloader; do \
      ln -s /usr/local/bin/lastgood "/links$link" \
      && ln -s lastgood.js "/links/usr/local/lib/lastgood/${link##*/}"; \
    done

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="lastgood" \
      org.opencontainers.image.description="Configuration hot reload in a Kubernetes pod" \
      org.opencontainers.image.licenses="Apache-2.0"
# lastgood.js loads program.js; a command beside the sidecar looks at the memory that is left before it does.
COPY --from=build /src/sidecar/dist/image/ /usr/local/lib/lastgood/
COPY --from=build --chmod=0755 /src/sidecar/image/lastgood /src/sidecar/image/lastgood-ready /usr/local/bin/
COPY --from=build /links/ /
COPY --from=build /src/LICENSE /usr/local/lib/lastgood/
USER 65532:65532
EXPOSE 9533
# As in the first line of lastgood.js: small heaps, and an allocator that returns memory after compiling,
# for a container of 64 MiB (docs/adr/0006); enough threads, so that a volume that hangs does not block others.
ENV MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8192 MALLOC_TRIM_THRESHOLD_=65536 UV_THREADPOOL_SIZE=8
ENTRYPOINT ["node", "--disable-sigusr1", "--no-memory-pool-share-memory-on-teardown", "--max-semi-space-size=4", "--max-old-space-size=32", "/usr/local/lib/lastgood/lastgood.js"]
