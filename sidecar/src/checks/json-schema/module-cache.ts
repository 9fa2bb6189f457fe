import {
  type LoadFnOutput,
  type LoadHookSync,
  type ResolveFnOutput,
  type ResolveHookSync,
  registerHooks,
} from 'node:module';

/** The text of modules, and where their imports led. */
export interface ModuleCache {
  /** By the importing module and what it names. */
  readonly resolved: Map<string, ResolveFnOutput>;
  /** By URL. */
  readonly loaded: Map<string, LoadFnOutput>;
}

/**
 * Of this process, as Node's own cache is. A thread runs modules anew, and gets them from here: the
 * kubelet removes the directory of a volume's former version, with the module as it was at the start.
 */
export const moduleCache: ModuleCache = { resolved: new Map(), loaded: new Map() };

/** Takes over what another thread has kept. */
export function keep({ resolved, loaded }: ModuleCache): void {
  for (const [key, output] of resolved) moduleCache.resolved.set(key, output);
  for (const [url, output] of loaded) moduleCache.loaded.set(url, output);
}

/** Imports a module and all that it imports: as kept, where they are, else from their files. */
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
  const kept = moduleCache.resolved.get(key);
  if (kept !== undefined) return kept;
  const output = next(specifier, context);
  moduleCache.resolved.set(key, { ...output, shortCircuit: true });
  return output;
};

const load: LoadHookSync = (url, context, next) => {
  const kept = moduleCache.loaded.get(url);
  if (kept !== undefined) return kept;
  const output = next(url, context);
  // Node's own modules have no text.
  if (output.source) moduleCache.loaded.set(url, { ...output, shortCircuit: true });
  return output;
};
