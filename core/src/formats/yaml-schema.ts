import { CORE_SCHEMA, mapTag, mergeTag } from 'js-yaml';

/** The reason in js-yaml's error, with the key's position, for the key `__proto__`. */
export const RESERVED_KEY_REASON = 'reserved key';

/**
 * Refuses the key in every spelling: plain, quoted, escaped, as an alias. js-yaml keeps it as an own
 * property, but the next copy of the value would set a prototype from it.
 */
const mapWithoutReservedKeys: typeof mapTag = {
  ...mapTag,
  addPair: (object, key, value) =>
    key === '__proto__' ? RESERVED_KEY_REASON : mapTag.addPair(object, key, value),
};

/** Also bounds the keys that `<<` copies: js-yaml's own `maxTotalMergeKeys`, 10,000. */
export const YAML_SCHEMA = CORE_SCHEMA.withTags(mergeTag, mapWithoutReservedKeys);
