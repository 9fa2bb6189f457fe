/**
 * Keys of `lastgood.yaml` that DESIGN.md §5 names and that this version does not have. Whoever
 * writes one made no typing mistake, so no other key is suggested. A key that comes to be supported
 * leaves this list.
 */
export const UNSUPPORTED_KEYS: readonly string[] = ['runDir', 'jitter', 'subscribers'];
