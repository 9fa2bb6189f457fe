import type { FormatName } from '@lastgood/core/formats/format.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import type { VolumeSettings } from '@lastgood/core/model/volume-settings.ts';

/** What `lastgood.yaml` says once it is read: every default filled in, every unit resolved. */
export interface Settings {
  /** Undefined: nothing is served. */
  readonly listen: ListenSettings | undefined;
  /** A file in the format of Prometheus' exporters that puts TLS and passwords before what is served. */
  readonly webConfigFile: string | undefined;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** Undefined: nothing outlives the process, neither journal nor last good. */
  readonly stateDir: string | undefined;
  readonly bundles: readonly BundleSettings[];
}

/** An empty host is every interface. */
export interface ListenSettings {
  readonly host: string;
  readonly port: number;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ['json', 'logfmt'] as const;

export type LogFormat = (typeof LOG_FORMATS)[number];

export interface BundleSettings {
  readonly name: string;
  readonly volumes: readonly VolumeSettings[];
  /** The published directory; undefined is direct mode. */
  readonly publish: string | undefined;
  /** Where the app's container sees the directory; the default is `publish`, else the first volume. */
  readonly mountedAt: string;
  readonly settleMs: number;
  readonly maxSizeBytes: number;
  /**
   * `meaning`: of a new comment or another order of keys, nobody is told. `swap`: of each swap, and
   * what the volumes hold is not even read.
   */
  readonly reloadOn: 'bytes' | 'meaning' | 'swap';
  readonly validate: readonly CheckSettings[];
  readonly prepare: readonly PrepareSettings[];
  readonly targets: readonly TargetSettings[];
  readonly confirm: ConfirmSettings | undefined;
  readonly onFailure: 'rollback' | 'hold';
  /** How long a degraded bundle stays ready; undefined is for ever. */
  readonly staleAfterMs: number | undefined;
  /** How many older snapshots stay in the published directory. */
  readonly history: number;
  /** A configuration that is undone of gzip and `$(VAR)`, and written to a file of its own. */
  readonly expand: ExpandSettings | undefined;
  /** Whether the app is told of the first version as well: it may have started before it was there. */
  readonly tellAtStart: boolean;
}

/** One file of the snapshot that is expanded before the checks see it. */
export interface ExpandSettings {
  /** Path inside the snapshot. */
  readonly file: string;
  /** Absolute path of the file where the app reads it, replaced by rename. */
  readonly to: string;
  /** The environment variable whose number at the end is `$(STATEFULSET_ORDINAL_NUMBER)`. */
  readonly ordinalFrom: string | undefined;
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
  readonly webhook: HookSettings;
}

/** One of the ways to tell the app; the key that it has tells which. */
export type TargetSettings =
  | { readonly webhook: WebhookSettings }
  | { readonly signal: SignalSettings }
  | { readonly restart: RestartSettings }
  | { readonly exec: ExecTargetSettings }
  | { readonly socket: SocketSettings };

/** An HTTP request that tells or asks the app something. */
export interface HookSettings extends RequestSettings {
  readonly method: 'POST' | 'PUT' | 'GET' | 'PATCH' | 'DELETE';
  /** The event as JSON, nothing, or a text as it stands. */
  readonly body: 'event' | 'none' | { readonly text: string };
  readonly success: readonly StatusMatch[];
  readonly refused: readonly StatusMatch[];
  /** Of one try. */
  readonly timeoutMs: number;
}

/** Where a request goes, and how it says who it is. Files are read anew at each use. */
export interface RequestSettings {
  /**
   * Absolute http or https URL, or `unix:/path/to.sock:/request/path`; may hold userinfo, so it is
   * shown only through `redactUrl` (P8).
   */
  readonly url: string;
  readonly headers: Readonly<Record<string, HeaderSettings>>;
  readonly followRedirects: boolean;
  readonly auth: AuthSettings;
  readonly tls: TlsSettings;
}

export interface WebhookSettings extends HookSettings {
  /** Of all tries of one delivery together; undefined: only `retries` bounds them. */
  readonly deadlineMs: number | undefined;
  readonly retries: RetrySettings;
}

/** The value of a header, or the file that holds it. */
export type HeaderSettings = { readonly value: string } | { readonly file: string };

export interface AuthSettings {
  readonly bearerFile: string | undefined;
  readonly basic: { readonly username: string; readonly passwordFile: string } | undefined;
  readonly hmac: { readonly keyFile: string } | undefined;
}

/** For https; what is undefined is as Node has it. */
export interface TlsSettings {
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly serverName: string | undefined;
  /** True: any certificate is taken. Only where a peer that is replaced did the same. */
  readonly insecureSkipVerify: boolean;
}

/** Which process is meant: at least one of the first three is set, and all that are set must hold. */
export interface ProcessSettings {
  /** Base name of the executable, or of the script that an interpreter runs. */
  readonly process: string | undefined;
  /** A regular expression that must match the command line, its arguments joined by spaces. */
  readonly commandLine: string | undefined;
  readonly pidFile: string | undefined;
  /** The real user id that it must have. */
  readonly uid: number | undefined;
  /** Every process that matches, and not only the topmost of each tree. */
  readonly all: boolean;
}

export interface ProcessProbeSettings extends ProcessSettings {
  /** It must have started a process of its own since the app was told, as a master does its workers. */
  readonly newWorkers: boolean;
}

export interface SignalSettings extends ProcessSettings {
  /** `SIGHUP`, … or a number. */
  readonly signal: NodeJS.Signals | number;
  readonly retries: RetrySettings;
}

export interface RestartSettings extends ProcessSettings {
  /** How long the process may take to end after SIGTERM. */
  readonly graceMs: number;
  /** Whether SIGKILL follows when it has not ended by then. */
  readonly kill: boolean;
  readonly retries: RetrySettings;
}

export interface ExecTargetSettings {
  /** The program and its arguments; `{dir}` in any of them is the directory that the app reads. */
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
  /** Exit codes that mean that the app read it and says no. */
  readonly refused: readonly number[];
  /** Exit codes that mean that nobody is there. */
  readonly absent: readonly number[];
  readonly retries: RetrySettings;
}

/** Sends a line to a Unix socket, and reads what comes back. */
export interface SocketSettings {
  /** Absolute path of the socket. */
  readonly path: string;
  readonly send: string;
  /** Regular expressions that the answer is held against; `refused` first. */
  readonly success: string;
  readonly refused: string | undefined;
  readonly timeoutMs: number;
  readonly retries: RetrySettings;
}

export interface RetrySettings {
  /** Tries in all, the first one included; Infinity: for as long as it takes. */
  readonly attempts: number;
  /** Wait before the second try; each further wait is twice as long. */
  readonly backoffMs: number;
  /** No wait is longer. */
  readonly maxMs: number;
}

/** One status code, or a class of them. */
export type StatusMatch = number | `${1 | 2 | 3 | 4 | 5}xx`;

/** What must be good, all at the same time, for a version to be proven. At least one is set. */
export interface ConfirmSettings {
  /** Deadline for the proof. */
  readonly withinMs: number;
  /** How long it must stay good without a break. */
  readonly holdMs: number;
  readonly http: HttpProbeSettings | undefined;
  readonly metric: MetricProbeSettings | undefined;
  readonly process: ProcessProbeSettings | undefined;
  readonly exec: ExecSettings | undefined;
}

export interface HttpProbeSettings extends RequestSettings {
  readonly success: readonly StatusMatch[];
  /** Dotted path into the JSON body where the app echoes the version it runs on. */
  readonly versionJson: string | undefined;
  /** What else the JSON body must say. */
  readonly json: JsonProbeSettings | undefined;
}

export interface JsonProbeSettings {
  /** Dotted path into the body; a whole number is an index of a list. */
  readonly path: string;
  readonly equals: string | number | boolean | null;
}

export interface MetricProbeSettings extends RequestSettings {
  /** Name of the metric, with labels if one series of several is meant: `name{label="value"}`. */
  readonly query: string;
  /** `equals`: it has this value. `increased`: it went up since before the app was told. `newer`: it is a timestamp (Unix seconds) after that. */
  readonly expect: { readonly equals: number } | 'increased' | 'newer';
}
