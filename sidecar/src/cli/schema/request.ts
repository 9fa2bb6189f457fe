import type { FilesCheckSettings } from '../../settings/settings.ts';
import type { Output } from '../report/outputs.ts';

/** What `lastgood schema check` was asked for. */
export interface SchemaCheckRequest {
  /** Paths of schemas. Never empty. */
  readonly paths: readonly string[];
  /** A warning fails as an error does. */
  readonly strict: boolean;
  readonly output: Output;
}

/** What `lastgood schema infer` was asked for. */
export interface SchemaInferRequest {
  /** Paths of files or directories. Never empty. */
  readonly paths: readonly string[];
  /** Each directory is one example, and each of its files a key. */
  readonly keys: boolean;
  /** Keys that no example has are allowed. */
  readonly open: boolean;
  /** Nothing of what the files hold is to be shown (P8). */
  readonly secret: boolean;
  readonly format: FilesCheckSettings['format'];
  /** The directory that the schemas are written into; undefined is standard output, which takes one. */
  readonly directory: string | undefined;
  /** Schemas that are there already are overwritten. */
  readonly force: boolean;
}
