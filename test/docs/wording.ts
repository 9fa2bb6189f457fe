/** What the wording check reads, and the phrases that it finds. */

/** A phrase that readers stumble over, and what to write instead. */
export interface Phrase {
  /** A regular expression between word boundaries. A space also matches a line break in a comment. */
  readonly pattern: string;
  readonly instead: string;
}

/** A place that may use a phrase, for a reason that the entry states. */
export interface Exception {
  readonly file: string;
  /** The text around the phrase, on one line. */
  readonly text: string;
  readonly reason: string;
}

const WERE = '(?:is|are|was|were|be|been|being)';

export const PHRASES: readonly Phrase[] = [
  // The passive that hides who acts.
  { pattern: `${WERE} told(?! apart)`, instead: 'lastgood notifies the target; the log says' },
  { pattern: `${WERE} looked`, instead: 'lastgood checks, reads or searches' },
  { pattern: `${WERE} asked(?! to)`, instead: 'lastgood asks, calls or runs' },
  { pattern: `${WERE} (?:waited for|seen through)`, instead: 'lastgood waits for, lets … finish' },
  { pattern: `${WERE} said`, instead: 'the message says' },
  { pattern: '(?:is|are) to be', instead: 'must be' },

  // Words for people where a process acts.
  { pattern: 'whoever', instead: 'the process that, anyone who' },
  { pattern: 'nobody', instead: 'no process, no target; the app is absent' },
  { pattern: 'somebody', instead: 'a process, a person, you' },
  {
    pattern: '(?:says?|said|saying) (?:no|yes|neither)',
    instead: 'refuses, accepts; the reply matches',
  },
  { pattern: 'vouch(?:es)?', instead: 'proves' },

  // Verbs with a private meaning.
  {
    pattern: String.raw`(?:held|holds?|holding) (?:[\w']+ ){0,4}against`,
    instead: 'checked with, compared with',
  },
  {
    pattern:
      '(?:stands?|stood) (?:for|in|at|on|by|there|beside|between|below|under|alone|rejected)',
    instead: 'is, means, replaces',
  },
  { pattern: '(?:as|where|which|that) (?:it|they) stands?', instead: 'unchanged, in order' },
  { pattern: 'looks? (?:whether|if|who|for it|at whether)', instead: 'checks whether' },
  { pattern: '(?:says?|said|tells?|told|hears?|heard) of', instead: '… about' },
  { pattern: 'holds? no', instead: 'has no, does not contain' },
  { pattern: 'ways? back', instead: 'rollback' },

  // Words and turns that are not usual.
  { pattern: 'but for', instead: 'except' },
  {
    pattern: String.raw`of (?:its|their) own(?=[^\w\s]| (?:and|at|by|for|from|in|instead|is|of|on|or|so|that|to|with)\b|$)`,
    instead: 'separate, another; its own …',
  },
  { pattern: 'for so long(?! as)', instead: 'for this long' },
  { pattern: 'for ever', instead: 'without end, forever' },
  { pattern: 'without a word', instead: 'without a message' },
  { pattern: '(?:anew|whereof|thereof|wherein|therein)', instead: 'again, of which, in which' },
  {
    pattern:
      '(?<!there )(?:is|are) no (?:file|directory|socket|PEM|JSON|YAML|link|number|text|key)s?',
    instead: 'is not a …',
  },
];

/** What the check reads: pages, code, comments, messages and the names of tests. */
export const READ: readonly string[] = [
  '*.md',
  '.github/**/*.{md,yml}',
  'deploy/**/*.{md,yaml,jsonnet,libsonnet}',
  'docs/*.md',
  'docs/adr/*.md',
  'docs/alerts/*.md',
  'docs/api/*.md',
  'docs/migrate/*.md',
  'examples/**/*.{md,mjs,ts,py,yaml,json}',
  'core/src/**/*.ts',
  'sidecar/README.md',
  'sidecar/src/**/*.ts',
  'sidecar/build/*.ts',
  'sdk/src/**/*.ts',
  'sdk/build/*.ts',
  'bench/**/*.ts',
  'test/**/*.md',
  'test/**/*.{ts,py,mjs}',
  'tools/**/*.{mjs,ts}',
];

/** Help texts that the check reads: what follows `lastgood` and precedes `--help`. */
export const HELP: readonly string[] = [
  '',
  'validate',
  'doctor',
  'schema infer',
  'schema check',
  'schema export',
  'inject',
  'uninject',
  'explain',
  'presets',
  'settings-schema',
];

export const EXCEPTIONS: readonly Exception[] = [
  {
    file: 'test/docs/wording.ts',
    text: "{ pattern: '",
    reason: 'a pattern of one plain phrase is that phrase',
  },
  {
    file: 'test/docs/wording.test.ts',
    text: "assert.deepEqual(lines('",
    reason: 'a text in which the check must find phrases',
  },
];
