/**
 * Keys of `lastgood.yaml` that are planned but not supported yet. They are not typing mistakes, so
 * the message does not suggest another key. Remove a key from this list once it works.
 * Source: docs/design.md#designed-not-built-yet.
 */
export const UNSUPPORTED_KEYS: readonly string[] = ['runDir', 'jitter', 'subscribers'];
