import { toJsonSchema } from '@lastgood/core/schema/to-json-schema.ts';
import type { Provider, ViewSchema } from '../provider.ts';
import type { ViewEntry } from './view-entry.ts';

/** What the sidecar takes of one app, as JSON. */
const MAX_BYTES = 256 * 2 ** 10;

/** Problems, of which an app has few. */
const MAX_TOLD = 100;

/** Tells the provider what the views take, so that another side may refuse a version first. */
export class ViewSchemas {
  readonly #provider: Provider;
  readonly #report: (from: string, error: unknown) => void;
  readonly #told = new Set<string>();
  #schemas: readonly ViewSchema[] = [];

  constructor(provider: Provider, report: (from: string, error: unknown) => void) {
    this.#provider = provider;
    this.#report = report;
  }

  /** Reports a schema that cannot be converted. The app alone checks with that one. */
  add({ schema, file, keys, format }: ViewEntry['options']): void {
    if (this.#provider.setSchemas === undefined || schema === undefined) return;
    const converted = toJsonSchema(schema);
    if (!converted.ok) {
      this.#tell(file ?? keys, converted.reason);
      return;
    }
    const schemas = [...this.#schemas, { file, keys, format, schema: converted.schema }];
    if (Buffer.byteLength(JSON.stringify({ schemas })) > MAX_BYTES) {
      this.#tell(file ?? keys, `it takes more than ${MAX_BYTES} bytes with the others`);
      return;
    }
    this.#schemas = schemas;
    this.#provider.setSchemas(schemas, (problem) => this.#tellOnce(problem));
  }

  /** The other side has the same problem at each connection. */
  #tellOnce(problem: string): void {
    if (this.#told.has(problem) || this.#told.size >= MAX_TOLD) return;
    this.#told.add(problem);
    this.#report('sending the schemas to the sidecar', new Error(problem));
  }

  #tell(view = 'the bundle', reason: string): void {
    const error = new Error(`${reason}; only this app checks with it`);
    this.#report(`converting the schema of ${view} to JSON Schema`, error);
  }
}
