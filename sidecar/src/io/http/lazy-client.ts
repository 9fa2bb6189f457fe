import type { HttpClient, HttpClientOptions } from './request.ts';

export interface LazyHttpClient extends HttpClient {
  /** Loads the code, so that the first request does not wait for that. */
  load(): Promise<HttpClient>;
}

/** A client whose code is loaded with the first request: most starts send none. */
export function createLazyHttpClient(options: HttpClientOptions): LazyHttpClient {
  const create = async () => (await import('./request.ts')).createHttpClient(options);
  let loaded: Promise<HttpClient> | undefined;
  const load = () => {
    loaded ??= create();
    return loaded;
  };
  return {
    load,
    request: async (request) => (await load()).request(request),
    close: () => void loaded?.then((client) => client.close()),
  };
}
