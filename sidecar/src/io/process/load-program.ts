import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

/** A chunk of the program, as a CommonJS module. */
type Chunk = (
  module: { exports: unknown },
  exports: unknown,
  require: (id: string) => unknown,
) => void;

type Chunks = Readonly<Record<string, Chunk>>;

export interface LoadOptions {
  /** Loads a module of the user: a script cannot do so itself without an experimental option of Node. */
  readonly importModule: (url: string) => Promise<unknown>;
  /** Whether to use the compile caches, where they are there. */
  readonly useCaches: boolean;
}

/**
 * Runs the program in a directory, from scripts of ASCII characters; `chunks.json` says which has which chunk. Reads a
 * script when the first of its chunks is needed. Returns those that it has read so far, each with a function for what V8
 * has compiled of it so far, as cache for the next start.
 * `NODE_COMPILE_CACHE` would do the same as the caches, but its directory has the number of the user in its name, and
 * people run the image as any user.
 */
export function loadProgram(
  dir: string,
  { importModule, useCaches }: LoadOptions,
): ReadonlyMap<string, () => Buffer> {
  const requireBuiltin = createRequire(join(dir, 'program.js'));
  const scriptOf: Readonly<Record<string, string>> = JSON.parse(
    readFileSync(join(dir, 'chunks.json'), 'utf8'),
  );
  const workerUrl = pathToFileURL(join(dir, 'worker.js')).href;
  const loaded = new Map<string, () => Buffer>();
  const opened = new Map<string, Chunks>();
  const modules = new Map<string, { exports: unknown }>();
  const open = (name: string): Chunks => {
    const filename = join(dir, `${name}.js`);
    const cacheFile = join(dir, `${name}.cache`);
    const cache = useCaches && existsSync(cacheFile) ? { cachedData: readFileSync(cacheFile) } : {};
    const script = new Script(readFileSync(filename, 'latin1'), { filename, ...cache });
    loaded.set(name, () => script.createCachedData());
    const chunks = script.runInThisContext()(requireBuiltin, dir, workerUrl, importModule);
    opened.set(name, chunks);
    return chunks;
  };
  const load = (id: string): unknown => {
    if (!id.startsWith('./')) return requireBuiltin(id);
    const known = modules.get(id);
    if (known !== undefined) return known.exports;
    const script = scriptOf[id] ?? '';
    const chunk = (opened.get(script) ?? open(script))[id];
    const module = { exports: {} };
    modules.set(id, module);
    try {
      chunk?.(module, module.exports, load);
    } catch (error) {
      // As in Node, or the next import would get the part that was there before the error.
      modules.delete(id);
      throw error;
    }
    return module.exports;
  };
  load('./main.js');
  return loaded;
}
