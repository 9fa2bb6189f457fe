/**
 * Keys of `lastgood.yaml` that are planned and not supported yet. A user who writes one made no
 * typing mistake, so the message suggests no other key. Remove a key from this list once it works.
 * Source: docs/design.md#designed-not-built-yet.
 */
export const UNSUPPORTED_KEYS: readonly string[] = ['runDir', 'jitter', 'subscribers'];
