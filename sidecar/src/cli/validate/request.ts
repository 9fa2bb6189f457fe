import type { ShapeMode } from '../../settings/settings.ts';
import type { Output } from '../report/outputs.ts';

/** What `lastgood validate` was asked for. */
export interface ValidateRequest {
  /** Paths of files and directories; `-` is standard input. Empty to check the settings alone. */
  readonly inputs: readonly string[];
  /** Path of a settings file. */
  readonly config: string | undefined;
  /** One of its bundles. */
  readonly bundle: string | undefined;
  /** Where the files stand in the bundle: `volumes[].at` of the settings; undefined is the top. */
  readonly at: string | undefined;
  /** Each a path of a schema, or `GLOB=PATH`. */
  readonly schemas: readonly string[];
  /** Each a rule, or `GLOB=RULE`. */
  readonly rules: readonly string[];
  /** Each a name of a format, or `GLOB=NAME`. */
  readonly formats: readonly string[];
  /** Path of the version to hold the inputs against: what is good now. */
  readonly shapeOf: string | undefined;
  /** How its shape is held against theirs; undefined is as the settings say, else `compatible`. */
  readonly shape: ShapeMode | undefined;
  /** Commands of the settings are run. */
  readonly exec: boolean;
  /** Nothing of what the files hold is to be shown (P8). */
  readonly secret: boolean;
  /** A warning fails as an error does. */
  readonly strict: boolean;
  readonly output: Output;
}
