import {
  type CelInput,
  type CelMap,
  type CelResult,
  type CelValue,
  celUint,
  isCelError,
  isCelList,
  isCelMap,
  isCelType,
  isCelUint,
} from '@bufbuild/cel';
import type { MapValue, Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import { getTestRegistry } from '@bufbuild/cel-spec/testdata/registry.js';
import { toJsonString } from '@bufbuild/protobuf';
import { isReflectMessage } from '@bufbuild/protobuf/reflect';
import { anyUnpack } from '@bufbuild/protobuf/wkt';

/** A value of a case, for the library to take. */
export function inputOf({ kind }: Value): CelInput {
  switch (kind.case) {
    case 'uint64Value':
      return celUint(kind.value);
    case 'nullValue':
      return null;
    case 'listValue':
      return kind.value.values.map(inputOf);
    case 'mapValue':
      return mapOf(kind.value);
    case 'objectValue':
      return anyUnpack(kind.value, getTestRegistry()) ?? null;
    case 'typeValue':
    case 'enumValue':
    case undefined:
      throw new TypeError(`no case binds a ${kind.case}`);
    default:
      return kind.value;
  }
}

/** A result as text that tells apart what differs, an `int` from a `double` as well. */
export function shown(value: CelResult): string {
  if (isCelError(value)) return `failure: ${value.message}`;
  if (typeof value === 'bigint') return `int ${value}`;
  if (typeof value === 'number') return `double ${Object.is(value, -0) ? '-0' : value}`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (isCelUint(value)) return `uint ${value.value}`;
  if (isCelList(value)) return `[${[...value].map(shown).join(', ')}]`;
  if (isCelMap(value)) return `{${entriesOf(value).toSorted().join(', ')}}`;
  if (isCelType(value)) return `type ${value.name}`;
  if (isReflectMessage(value)) return toJsonString(value.desc, value.message);
  throw new TypeError('no value of CEL');
}

function entriesOf(map: CelMap): readonly string[] {
  return [...map].map(([key, value]) => `${shown(key)}: ${shown(value)}`);
}

function mapOf({ entries }: MapValue): CelInput {
  return new Map(
    entries.flatMap(({ key, value }) =>
      key === undefined || value === undefined ? [] : [[inputOf(key) as CelValue, inputOf(value)]],
    ),
  ) as CelInput;
}
