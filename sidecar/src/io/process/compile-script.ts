import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';

/** What the script gets from the module that loads it. */
export interface ScriptContext {
  readonly require: NodeJS.Require;
  readonly dirname: string;
  /** Loads a module of the user: a script cannot do so itself without an experimental option of Node. */
  readonly importModule: (url: string) => Promise<unknown>;
}

export interface CompiledScript {
  readonly run: (context: ScriptContext) => void;
  /** Whether V8 has taken the cache: one of another build of Node, or of other flags, does not fit. */
  readonly usesCache: boolean;
  /** What V8 has compiled so far, for the next start. */
  readonly createCache: () => Buffer;
}

/**
 * Compiles a script of ASCII characters. `NODE_COMPILE_CACHE` would do the same, but its directory has the number
 * of the user in its name, and people run the image as any user.
 */
export function compileScript(path: string, cachedData?: Buffer): CompiledScript {
  const source = readFileSync(path, 'latin1');
  const script = new Script(`(function (require, __dirname, importModule) {${source}\n})`, {
    filename: path,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  return {
    run: ({ require, dirname, importModule }) =>
      script.runInThisContext()(require, dirname, importModule),
    usesCache: script.cachedDataRejected === false,
    createCache: () => script.createCachedData(),
  };
}
