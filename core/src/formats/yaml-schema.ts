import { CORE_SCHEMA, intCoreTag, mapTag, mergeTag, NOT_RESOLVED, seqTag } from 'js-yaml';
import { exactAt, keepExact } from '../model/exact-integers.ts';

/** The reason in js-yaml's error, with the key's position, for the key `__proto__`. */
export const RESERVED_KEY_REASON = 'reserved key';

/** The longest integer whose nearest number is finite. */
const MAX_DIGITS = 309;

/** Too large for a number: a bigint for the collection around it, which keeps it beside the number. */
const exactIntTag = {
  ...intCoreTag,
  resolve: (source: string, isExplicit: boolean, tagName: string) => {
    const value = intCoreTag.resolve(source, isExplicit, tagName);
    if (value === NOT_RESOLVED || Number.isSafeInteger(value) || source.length > MAX_DIGITS)
      return value;
    const digits = BigInt(source.replace(/^[-+]/, ''));
    return source.startsWith('-') ? -digits : digits;
  },
};

function kept(parent: object, key: unknown, value: unknown): unknown {
  return typeof value === 'bigint' ? keepExact(parent, String(key), value) : value;
}

const exactSeqTag: typeof seqTag = {
  ...seqTag,
  addItem: (list, item, index) => seqTag.addItem(list, kept(list, index, item), index),
};

/**
 * Refuses the key in every spelling: plain, quoted, escaped, as an alias. js-yaml keeps it as an own
 * property, but the next copy of the value would set a prototype from it.
 */
const mapWithoutReservedKeys: typeof mapTag = {
  ...mapTag,
  addPair: (object, key, value) =>
    key === '__proto__'
      ? RESERVED_KEY_REASON
      : mapTag.addPair(object, key, kept(object, key, value)),
  // For `<<`.
  get: (object, key) => exactAt(object, String(key)) ?? mapTag.get(object, key),
};

/** Also bounds the keys that `<<` copies: js-yaml's own `maxTotalMergeKeys`, 10,000. */
export const YAML_SCHEMA = CORE_SCHEMA.withTags(
  mergeTag,
  exactIntTag,
  exactSeqTag,
  mapWithoutReservedKeys,
);
