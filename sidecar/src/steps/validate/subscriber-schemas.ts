import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { FORMAT_NAMES } from '@lastgood/core/formats/format.ts';
import type { ViewSelection } from '@lastgood/core/formats/show-view.ts';
import { reasonOf } from '@lastgood/core/model/error.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import { printable } from '@lastgood/core/model/quote.ts';
import type { SubscriberSchema } from '@lastgood/core/model/sdk-protocol.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { relaxSchema } from '../../checks/json-schema/relax.ts';
import type { SchemaCheck } from '../../checks/json-schema/schema-check.ts';
import type { SchemaData } from '../../checks/json-schema/schema-file.ts';
import type { SchemaKeeper } from '../../subscribers/subscription.ts';
import type { KeptSchema } from './app-checks.ts';

/** More views than an app has. */
const MAX_OF_ONE = 100;

/** Different schemas of all subscribers of a bundle. Each stays in memory, compiled. */
const MAX_KEPT = 32;
const MAX_KEPT_BYTES = 2 ** 20;

/** What the sidecar itself needs, and what a byte of a schema takes while it is compiled. */
const OWN_HEAP_BYTES = 20 * 2 ** 20;
const OWN_BYTES = 48 * 2 ** 20;
const COMPILED_FACTOR = 1024;

/** Enough for the schema of a small configuration, whatever the limits are. */
const LEAST_BYTES = 8 * 2 ** 10;

/** Bytes of schemas that each of so many bundles may keep, by the limits of the heap and of the container. */
export function schemaBytes(heapBytes: number, containerBytes: number, bundles: number): number {
  const free = Math.min(heapBytes - OWN_HEAP_BYTES, containerBytes - OWN_BYTES);
  const bytes = Math.floor(free / COMPILED_FACTOR / bundles);
  return Math.min(MAX_KEPT_BYTES, Math.max(LEAST_BYTES, bytes));
}

/** Schemas that cannot be used are remembered, so that a slow one is not compiled at each reconnect. */
const MAX_REFUSED = 100;

/** The schemas of the subscribers of a bundle. */
export interface SubscriberSchemas extends SchemaKeeper {
  /** Each different one for a view, to check candidates with. */
  list(): readonly KeptSchema[];
}

interface Compiled {
  readonly check: SchemaCheck;
  readonly path: string;
  readonly text: Buffer;
}

interface ViewOfOne extends Compiled {
  readonly view: ViewSelection;
}

interface Subscriber {
  readonly name: string | undefined;
  readonly views: readonly ViewOfOne[];
}

interface Request {
  readonly id: string;
  readonly name: string | undefined;
  readonly schemas: readonly SubscriberSchema[];
  readonly promise: Promise<readonly string[]>;
  readonly answer: (problems: readonly string[]) => void;
}

/** Keeps schemas for as long as their subscribers are there. Equal ones are compiled once. */
export function createSubscriberSchemas(maxBytes = MAX_KEPT_BYTES): SubscriberSchemas {
  const subscribers = new Map<string, Subscriber>();
  const compile = createCompiler(maxBytes);
  /** The newest request of each subscriber, until it is done, and of those the ones that wait. */
  const newest = new Map<string, Request>();
  const waiting = new Map<string, Request>();
  let isRunning = false;

  const replace = async (request: Request) => {
    const { id, name, schemas } = request;
    const problems: string[] = [];
    const views: ViewOfOne[] = [];
    for (const each of schemas.slice(0, MAX_OF_ONE)) {
      // It has left, or there are newer ones.
      if (newest.get(id) !== request) return [];
      const known = [...viewsOf([...subscribers.values()]), ...views];
      // Its own old schemas end with this request.
      const others = [...subscribers].filter(([other]) => other !== id);
      const kept = [...viewsOf(others.map(([, other]) => other)), ...views];
      const made = await compile(each, { known, kept });
      if (typeof made === 'string') problems.push(made);
      else views.push(made);
    }
    if (schemas.length > MAX_OF_ONE) problems.push(`there are more than ${MAX_OF_ONE} schemas`);
    if (newest.get(id) === request) {
      subscribers.set(id, { name, views });
      newest.delete(id);
    }
    return problems;
  };

  /** One request after the other: of equal schemas that come at once, all but the first are found compiled. */
  const run = async () => {
    isRunning = true;
    // A Map may grow while it is walked.
    for (const [id, request] of waiting) {
      waiting.delete(id);
      request.answer(await replace(request));
    }
    isRunning = false;
  };

  /** What a newer request replaces, or the end of its subscriber. */
  const drop = (id: string) => {
    waiting.get(id)?.answer([]);
    waiting.delete(id);
    newest.delete(id);
  };

  return {
    set: ({ id, name }, schemas) => {
      const known = newest.get(id);
      // The app has not waited for the answer. If this started again, slow ones would never be done.
      if (known !== undefined && isSame(known.schemas, schemas)) return known.promise;
      drop(id);
      const { promise, resolve: answer } = Promise.withResolvers<readonly string[]>();
      const request = { id, name, schemas, promise, answer };
      newest.set(id, request);
      waiting.set(id, request);
      if (!isRunning) void run();
      return promise;
    },
    delete: (id) => {
      drop(id);
      subscribers.delete(id);
    },
    list: () => group([...subscribers.values()]),
  };
}

function isSame(a: readonly SubscriberSchema[], b: readonly SubscriberSchema[]): boolean {
  // They may be nested too deep to compare.
  return tryTo(() => isDeepStrictEqual(a, b)) ?? false;
}

/** Compiles a schema for a view, unless it is compiled already. Returns the reason if that is not possible. */
type Compile = (given: SubscriberSchema, others: Others) => Promise<ViewOfOne | string>;

/** Schemas that are compiled already, and those of them that stay. */
interface Others {
  readonly known: readonly Compiled[];
  readonly kept: readonly Compiled[];
}

function createCompiler(maxBytes: number): Compile {
  const refused = new Map<string, string>();

  const compileText = async (text: Buffer, others: Others) => {
    const path = `/app/${createHash('sha256').update(text).digest('hex')}.schema.json`;
    const known = others.known.find((each) => each.path === path) ?? refused.get(path);
    if (known !== undefined) return known;
    const kept = new Map(others.kept.map((each) => [each.path, each]));
    const bytes = [...kept.values()].reduce((sum, each) => sum + each.text.length, text.length);
    if (kept.size >= MAX_KEPT || bytes > maxBytes) {
      const size = `${Math.floor(maxBytes / 1024)} KiB`;
      return `the apps have more than ${MAX_KEPT} different schemas, or ${size} of them, which is what the memory allows`;
    }
    const { loadForApp } = await import('./load-for-app.ts');
    const loaded = await loadForApp(path, text);
    if ('check' in loaded) return { check: loaded.check, path, text };
    const [oldest] = refused.keys();
    if (refused.size >= MAX_REFUSED && oldest !== undefined) refused.delete(oldest);
    refused.set(path, loaded.reason);
    return loaded.reason;
  };

  return async (given, others) => {
    const problem = problemWith(given);
    if (problem !== undefined) return problem;
    const { file, keys, format } = given as SubscriberSchema & ViewSelection;
    const view: ViewSelection = { file, keys, format };
    try {
      const text = Buffer.from(JSON.stringify(relaxSchema(given.schema as SchemaData)));
      const made = await compileText(text, others);
      return typeof made === 'string' ? `${nameOf(view)}: ${made}` : { ...made, view };
    } catch (thrown) {
      // It is nested too deep for a copy.
      return `${nameOf(view)}: ${reasonOf(thrown)}`;
    }
  };
}

/** What is wrong with an entry of a request, whose content no code has checked. */
function problemWith(given: unknown): string | undefined {
  if (!isMapping(given)) return 'each entry must be an object with a schema';
  const { file, keys, format, schema } = given;
  if (![file, keys].every((path) => path === undefined || typeof path === 'string'))
    return 'file and keys must be paths';
  if (file !== undefined && keys !== undefined) return 'an entry has file or keys, not both';
  if (format !== undefined && !FORMAT_NAMES.some((name) => name === format))
    return `format must be one of ${FORMAT_NAMES.join(', ')}`;
  if (!isMapping(schema) && typeof schema !== 'boolean')
    return 'schema must be a JSON Schema: an object, true or false';
  return undefined;
}

function nameOf({ file, keys = 'all files' }: ViewSelection): string {
  return printable(file ?? keys);
}

function viewsOf(subscribers: readonly Subscriber[]): readonly ViewOfOne[] {
  return subscribers.flatMap(({ views }) => views);
}

/** With the names of all who have the same schema for the same view. */
function group(subscribers: readonly Subscriber[]): readonly KeptSchema[] {
  const groups = new Map<string, KeptSchema & { readonly names: (string | undefined)[] }>();
  for (const { name, views } of subscribers)
    for (const { view, check, path, text } of views) {
      const key = JSON.stringify([path, view]);
      const known = groups.get(key) ?? {
        view,
        schema: { path, namedAt: { file: path } },
        check,
        text,
        names: [],
      };
      groups.set(key, known);
      known.names.push(name);
    }
  return [...groups.values()];
}
