import {
  type LoadFnOutput,
  type LoadHookSync,
  type ResolveFnOutput,
  type ResolveHookSync,
  registerHooks,
} from 'node:module';

/** The source of modules, and how their imports were resolved. */
export interface ModuleCache {
  /** By the importing module and the specifier. */
  readonly resolved: Map<string, ResolveFnOutput>;
  /** By URL. */
  readonly loaded: Map<string, LoadFnOutput>;
}

/**
 * The cache of this process, beside Node's own. A worker thread runs modules again from this cache: the
 * kubelet removes the directory of a volume's previous version, with the module as it was at the start.
 */
export const moduleCache: ModuleCache = { resolved: new Map(), loaded: new Map() };

/** Adds the modules that another thread has cached. */
export function addToCache({ resolved, loaded }: ModuleCache): void {
  for (const [key, output] of resolved) moduleCache.resolved.set(key, output);
  for (const [url, output] of loaded) moduleCache.loaded.set(url, output);
}

/** Imports a module and its imports, from the cache if they are in it, else from their files. */
export async function importCached(url: string): Promise<Readonly<Record<string, unknown>>> {
  const hooks = registerHooks({ resolve, load });
  try {
    return await import(url);
  } finally {
    hooks.deregister();
  }
}

const resolve: ResolveHookSync = (specifier, context, next) => {
  const key = `${context.parentURL} ${specifier}`;
  const cached = moduleCache.resolved.get(key);
  if (cached !== undefined) return cached;
  const output = next(specifier, context);
  moduleCache.resolved.set(key, { ...output, shortCircuit: true });
  return output;
};

const load: LoadHookSync = (url, context, next) => {
  const cached = moduleCache.loaded.get(url);
  if (cached !== undefined) return cached;
  const output = next(url, context);
  // Node's own modules have no source.
  if (output.source) moduleCache.loaded.set(url, { ...output, shortCircuit: true });
  return output;
};
