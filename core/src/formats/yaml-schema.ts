import {
  CORE_SCHEMA,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  intCoreTag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  seqTag,
} from 'js-yaml';
import { exactAt, keepExact } from '../model/exact-integers.ts';
import { TaggedValue } from '../model/tagged-value.ts';

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

/** A key with a tag of the app is as the key without it. */
function keyOf(key: unknown): unknown {
  if (typeof key === 'string') return key;
  return key instanceof TaggedValue && typeof key.value === 'string' ? key.value : key;
}

/**
 * Refuses the key in every spelling: plain, quoted, escaped, as an alias. js-yaml keeps it as an own
 * property, but the next copy of the value would set a prototype from it.
 */
const mapWithoutReservedKeys: typeof mapTag = {
  ...mapTag,
  addPair: (object, written, value) => {
    const key = keyOf(written);
    // js-yaml has looked for the key with its tag.
    if (key !== written && mapTag.has(object, key)) return 'duplicated mapping key';
    return key === '__proto__'
      ? RESERVED_KEY_REASON
      : mapTag.addPair(object, key, kept(object, key, value));
  },
  // For `<<`.
  get: (object, key) => exactAt(object, String(key)) ?? mapTag.get(object, key),
};

const CORE_PREFIX = 'tag:yaml.org,2002:';

/** Tags of the core schema, which say what a value is to every reader. */
const CORE_TAGS = ['bool', 'float', 'int', 'map', 'merge', 'null', 'seq', 'str'];

/** Whether a tag, as it is written, has a meaning that lastgood knows. */
export function isKnownTag(written: string): boolean {
  const [, name = written] = /^!(?:!|<tag:yaml\.org,2002:)(\w+)>?$/.exec(written) ?? [];
  return written === '!' || (name !== written && CORE_TAGS.includes(name));
}

interface Tagged<Inner> {
  readonly tag: string;
  readonly inner: Inner;
}

function begin<Inner>(tag: string, inner: Inner): Tagged<Inner> {
  return { tag, inner };
}

function end({ tag, inner }: Tagged<unknown>): TaggedValue {
  if (isCoreTag(tag)) throw new Error(WRONG_TAG_REASON);
  return new TaggedValue(tag, inner);
}

/** The reason in js-yaml's error for a list or mapping with the tag of something else. */
export const WRONG_TAG_REASON = 'wrong tag';

function isCoreTag(tag: string): boolean {
  return tag.startsWith(CORE_PREFIX) && CORE_TAGS.includes(tag.slice(CORE_PREFIX.length));
}

/** An omitted value after `!!map` or `!!seq` is an empty one. */
function emptyOf(tag: string, source: string): unknown {
  if (source !== '') return NOT_RESOLVED;
  if (tag === mapTag.tagName) return {};
  return tag === seqTag.tagName ? [] : NOT_RESOLVED;
}

const OF_THE_APP = { matchByTagPrefix: true, identify: () => false } as const;

/** Tags that are in no schema. js-yaml looks for an exact name first. */
const TAGS_OF_THE_APP = [
  defineScalarTag('', {
    ...OF_THE_APP,
    resolve: (source, _isExplicit, tag) =>
      isCoreTag(tag) ? emptyOf(tag, source) : new TaggedValue(tag, source),
  }),
  defineSequenceTag('', {
    ...OF_THE_APP,
    create: (tag) => begin(tag, seqTag.create(tag)),
    addItem: ({ inner }, item, index) => exactSeqTag.addItem(inner, item, index),
    finalize: end,
  }),
  defineMappingTag('', {
    ...OF_THE_APP,
    create: (tag) => begin(tag, mapTag.create(tag)),
    addPair: ({ inner }, key, value) => mapWithoutReservedKeys.addPair(inner, key, value),
    has: ({ inner }, key) => mapWithoutReservedKeys.has(inner, key),
    // For `<<`, which reads the keys whatever the tag.
    keys: ({ value }) => Object.keys(Object(value)),
    get: ({ value }, key) => mapWithoutReservedKeys.get(Object(value), key),
    finalize: end,
  }),
];

/** Also bounds the keys that `<<` copies: js-yaml's own `maxTotalMergeKeys`, 10,000. */
export const YAML_SCHEMA = CORE_SCHEMA.withTags(
  mergeTag,
  exactIntTag,
  exactSeqTag,
  mapWithoutReservedKeys,
  ...TAGS_OF_THE_APP,
);
