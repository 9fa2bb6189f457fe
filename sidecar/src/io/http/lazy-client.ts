import type { HttpClient, HttpClientOptions } from './request.ts';

/** A client whose code is loaded with the first request: most starts send none. */
export function createLazyHttpClient(options: HttpClientOptions): HttpClient {
  const load = async () => (await import('./request.ts')).createHttpClient(options);
  let loaded: Promise<HttpClient> | undefined;
  return {
    request: async (request) => {
      loaded ??= load();
      return (await loaded).request(request);
    },
    close: () => void loaded?.then((client) => client.close()),
  };
}
