import type { FormatName } from '../formats/format.ts';
import type { Location } from '../verdict.ts';

/** What `lastgood.yaml` says once it is read: every default filled in, every unit resolved. */
export interface Settings {
  readonly listen: { readonly host: string; readonly port: number };
  readonly log: { readonly level: LogLevel; readonly format: 'json' };
  readonly stateDir: string;
  readonly bundles: readonly BundleSettings[];
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface BundleSettings {
  readonly name: string;
  readonly volumes: readonly VolumeSettings[];
  /** The published directory; undefined is direct mode. */
  readonly publish: string | undefined;
  /** Where the app's container sees the directory; the default is `publish`, else the first volume. */
  readonly mountedAt: string;
  readonly settleMs: number;
  readonly maxSizeBytes: number;
  /** `meaning`: of a new comment or another order of keys, nobody is told. */
  readonly reloadOn: 'bytes' | 'meaning';
  readonly validate: readonly CheckSettings[];
  readonly prepare: readonly PrepareSettings[];
  readonly targets: readonly TargetSettings[];
  readonly confirm: ConfirmSettings | undefined;
  readonly onFailure: 'rollback' | 'hold';
  /** How long a degraded bundle stays ready; undefined is for ever. */
  readonly staleAfterMs: number | undefined;
  /** How many older snapshots stay in the published directory. */
  readonly history: number;
}

export interface VolumeSettings {
  /** Absolute, without a trailing slash. */
  readonly path: string;
  /** Directory inside the snapshot where its files stand; `.` is the top. */
  readonly at: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly secret: boolean;
}

/** One entry of `validate`; the key that it has tells which kind it is. */
export type CheckSettings =
  | FilesCheckSettings
  | KeysCheckSettings
  | RulesCheckSettings
  | { readonly shape: ShapeMode }
  | { readonly traps: TrapsMode }
  | { readonly exec: ExecSettings };

/** Each file by itself. */
export interface FilesCheckSettings {
  /** A path or a glob inside the snapshot. */
  readonly files: string;
  readonly format: 'auto' | FormatName;
  readonly schema: SchemaSettings | undefined;
  readonly rules: readonly RuleSettings[];
}

/** A file-per-key volume as one object. */
export interface KeysCheckSettings {
  /** A path or a glob inside the snapshot. */
  readonly keys: string;
  readonly schema: SchemaSettings | undefined;
  readonly rules: readonly RuleSettings[];
}

/** All files of the bundle, each by its path. */
export interface RulesCheckSettings {
  readonly rules: readonly RuleSettings[];
}

export interface SchemaSettings {
  /** Absolute path of a JSON Schema file, or of a module that exports a Standard Schema. */
  readonly path: string;
  /** Where the settings name it. */
  readonly namedAt: Location;
}

export interface RuleSettings {
  /** CEL. */
  readonly rule: string;
  /** What to say when the rule does not hold; undefined: that it does not. */
  readonly message: string | undefined;
  /** Where the text of the rule begins in the settings file. Looked at only when it is wrong. */
  readonly namedAt: Location;
  /**
   * The text stands there in one line and as it is, with no escapes, so that a column inside it is a
   * column of the file.
   */
  readonly verbatim: boolean;
}

/**
 * How the last good version's shape is held against a new one: `warn` only tells, `compatible`
 * rejects what an app may stumble over, `same` rejects any change of shape.
 */
export const SHAPE_MODES = ['off', 'warn', 'compatible', 'same'] as const;

export type ShapeMode = (typeof SHAPE_MODES)[number];

export type TrapsMode = 'off' | 'warn' | 'error';

export interface ExecSettings {
  /** The program and its arguments; `{dir}` in any of them is where the copy stands. */
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
}

/** One of the ways to ask for a dry run. */
export interface PrepareSettings {
  readonly webhook: Omit<WebhookSettings, 'retries'>;
}

/** One of the ways to tell the app. Only one key is ever set. */
export interface TargetSettings {
  readonly webhook: WebhookSettings;
}

export interface WebhookSettings {
  /** Absolute http or https URL; may hold userinfo, so it is shown only through `shownUrl` (P8). */
  readonly url: string;
  readonly method: 'POST' | 'PUT' | 'GET' | 'PATCH';
  readonly success: readonly StatusMatch[];
  readonly refused: readonly StatusMatch[];
  readonly timeoutMs: number;
  readonly retries: RetrySettings;
}

export interface RetrySettings {
  /** Tries in all, the first one included. */
  readonly attempts: number;
  /** Wait before the second try; each further wait is twice as long. */
  readonly backoffMs: number;
  /** No wait is longer. */
  readonly maxMs: number;
}

/** One status code, or a class of them. */
export type StatusMatch = number | `${1 | 2 | 3 | 4 | 5}xx`;

export interface ConfirmSettings {
  /** Deadline for the proof. */
  readonly withinMs: number;
  /** How long it must stay good without a break. */
  readonly holdMs: number;
  readonly http: {
    readonly url: string;
    readonly success: readonly StatusMatch[];
    /** Dotted path into the JSON body where the app echoes the version it runs on. */
    readonly versionJson: string | undefined;
  };
}
