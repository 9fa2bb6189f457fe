/** What the driver of the cases and the apps say to each other, a line of JSON each. */

/** Argument of an app. */
export interface AppOptions {
  readonly name: string;
  readonly bundle: string;
  /** One of both. */
  readonly socket?: string;
  readonly directory?: string;
  /** The bundle has a secret volume `db` with a file for each key. */
  readonly hasKeys?: boolean;
  readonly secret?: readonly string[];
  /** The app closes in its listener. */
  readonly closeOnChange?: boolean;
}

/** How the app answers from now on, or what it does at once. */
export type Command =
  | { readonly do: 'accept' | 'hold' | 'release' | 'close' }
  | { readonly do: 'reject'; readonly reason: string }
  | { readonly do: 'slow'; readonly ms: number }
  | { readonly do: 'die'; readonly in: 'prepare' | 'commit' };

/** All views of the app, read in one step. */
export interface Value {
  readonly config: { readonly generation: number };
  readonly features: { readonly generation: number };
  /** As JSON shows it. */
  readonly db?: unknown;
}

/** What an app sees. */
export type Seen =
  | {
      readonly seen: 'connected' | 'change';
      readonly value: Value;
      readonly version: string;
      readonly length?: number | undefined;
    }
  | { readonly seen: 'prepare' | 'abort'; readonly generation: number }
  | {
      readonly seen: 'state';
      readonly status: string;
      readonly reason?: string | undefined;
      readonly rejected?: string | undefined;
    }
  | { readonly seen: 'failed'; readonly code: string; readonly message: string }
  | { readonly seen: 'done'; readonly do: Command['do'] }
  | { readonly seen: 'unhandled'; readonly reason: string }
  | { readonly seen: 'closed' };
