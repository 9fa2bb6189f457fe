import { reasonOf } from '@lastgood/core/model/error.ts';
import type { HttpClient, HttpClientOptions } from './request.ts';

export interface LazyHttpClient extends HttpClient {
  /** Loads the code, so that the first request does not wait for that. Never rejects. */
  load(): Promise<HttpClient>;
}

/** A client whose code is loaded with the first request: most starts send none. */
export function createLazyHttpClient(
  options: HttpClientOptions,
  importCode = () => import('./request.ts'),
): LazyHttpClient {
  const create = async () => {
    try {
      return (await importCode()).createHttpClient(options);
    } catch (error) {
      // Too many open files, or a disk that fails: the next request tries again.
      loaded = undefined;
      return failingClient(`the code for HTTP cannot be loaded: ${reasonOf(error)}`);
    }
  };
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

function failingClient(reason: string): HttpClient {
  return { request: async () => ({ type: 'fault', reason }), close: () => {} };
}
