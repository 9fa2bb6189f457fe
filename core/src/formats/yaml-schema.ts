import {
  boolCoreTag,
  boolYaml11Tag,
  CORE_SCHEMA,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  floatCoreTag,
  floatYaml11Tag,
  intCoreTag,
  intYaml11Tag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullCoreTag,
  type ScalarTagDefinition,
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

/** The core tag that is written as `!!name` or in full; undefined for another one. */
function coreNameOf(written: string): string | undefined {
  const name = /^!(?:!|<tag:yaml\.org,2002:)(\w+)>?$/.exec(written)?.[1];
  return name !== undefined && CORE_TAGS.includes(name) ? name : undefined;
}

/** Whether a tag, as it is written, has a meaning that lastgood knows. */
export function isKnownTag(written: string): boolean {
  return written === '!' || coreNameOf(written) !== undefined;
}

/**
 * Whether every reader accepts a value with its tag, as it is written. Go ignores most tags of the core
 * schema, and PyYAML reads those of scalars as in YAML 1.1.
 *
 * @param value - the text of a scalar, or which kind of collection
 */
export function fitsTag(written: string, value: string | { readonly isMapping: boolean }): boolean {
  const name = coreNameOf(written);
  if (name === undefined || name === 'str') return name === undefined || typeof value === 'string';
  if (typeof value !== 'string') return name === (value.isMapping ? 'map' : 'seq');
  const scalar = CORE_SCALARS[name];
  return scalar === undefined ? value === '' : resolves(scalar, value);
}

const CORE_SCALARS: Readonly<Record<string, ScalarTagDefinition | undefined>> = {
  bool: boolCoreTag,
  float: floatCoreTag,
  int: intCoreTag,
  merge: mergeTag,
  null: nullCoreTag,
};

function resolves({ resolve, tagName }: ScalarTagDefinition, source: string): boolean {
  return resolve(source, true, tagName) !== NOT_RESOLVED;
}

/** A scalar with its tag, which it fits only in YAML 1.1 or only for a reader that ignores the tag. */
function withOther<Result>(
  tag: ScalarTagDefinition<Result>,
  other: (source: string) => unknown,
): ScalarTagDefinition {
  const resolve: ScalarTagDefinition['resolve'] = (source, isExplicit, tagName) => {
    const value = tag.resolve(source, isExplicit, tagName);
    return value === NOT_RESOLVED && isExplicit ? other(source) : value;
  };
  return { ...tag, resolve } as ScalarTagDefinition;
}

function resolveNumber(source: string): unknown {
  const { tagName } = intYaml11Tag;
  const integer = intYaml11Tag.resolve(source, true, tagName);
  return integer === NOT_RESOLVED ? floatYaml11Tag.resolve(source, true, tagName) : integer;
}

interface Tagged<Inner> {
  readonly tag: string;
  readonly inner: Inner;
}

function begin<Inner>(tag: string, inner: Inner): Tagged<Inner> {
  return { tag, inner };
}

/** Go ignores a core tag that does not fit. */
function end({ tag, inner }: Tagged<unknown>): unknown {
  return isCoreTag(tag) ? inner : new TaggedValue(tag, inner);
}

function isCoreTag(tag: string): boolean {
  return tag.startsWith(CORE_PREFIX) && CORE_TAGS.includes(tag.slice(CORE_PREFIX.length));
}

/** An omitted value after `!!map` or `!!seq` is an empty one. */
function untagged(tag: string, source: string): unknown {
  if (source !== '') return source;
  return tag === mapTag.tagName ? {} : [];
}

const OF_THE_APP = { matchByTagPrefix: true, identify: () => false } as const;

function untaggedOf(value: unknown): Record<string, unknown> {
  return Object(value instanceof TaggedValue ? value.value : value);
}

/** Tags that are in no schema. js-yaml looks for an exact name first. */
const TAGS_OF_THE_APP = [
  defineScalarTag('', {
    ...OF_THE_APP,
    resolve: (source, _isExplicit, tag) =>
      isCoreTag(tag) ? untagged(tag, source) : new TaggedValue(tag, source),
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
    keys: (object) => Object.keys(untaggedOf(object)),
    get: (object, key) => mapWithoutReservedKeys.get(untaggedOf(object), key),
    finalize: end,
  }),
];

/** Also bounds the keys that `<<` copies: js-yaml's own `maxTotalMergeKeys`, 10,000. */
export const YAML_SCHEMA = CORE_SCHEMA.withTags(
  withOther(mergeTag, (source) => source),
  withOther(nullCoreTag, () => null),
  withOther(boolCoreTag, (source) => boolYaml11Tag.resolve(source, true, boolYaml11Tag.tagName)),
  withOther(floatCoreTag, resolveNumber),
  withOther(exactIntTag, (source) => intYaml11Tag.resolve(source, true, intYaml11Tag.tagName)),
  exactSeqTag,
  mapWithoutReservedKeys,
  ...TAGS_OF_THE_APP,
);
