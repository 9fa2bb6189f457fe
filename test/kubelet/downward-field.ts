import type { Pod } from './manifest-shapes.ts';
import { VolumeRefusal } from './refusal.ts';

/**
 * What a downward API volume writes for one field of the pod, its lines sorted as the kubelet sorts
 * them. Throws a {@link VolumeRefusal} for a field that such a volume cannot show.
 * Source: kubelet pkg/fieldpath/fieldpath.go and pkg/volume/downwardapi/downwardapi.go.
 */
export function downwardField(pod: Pod, fieldPath: string): string {
  return rawField(pod, fieldPath).split('\n').sort().join('\n');
}

function rawField(pod: Pod, fieldPath: string): string {
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath);
  if (subscript !== null) {
    const [, map, key] = subscript;
    return (map === 'labels' ? pod.labels : pod.annotations)[key ?? ''] ?? '';
  }
  switch (fieldPath) {
    case 'metadata.name':
      return pod.name;
    case 'metadata.namespace':
      return pod.namespace;
    case 'metadata.labels':
      return formatMap(pod.labels);
    case 'metadata.annotations':
      return formatMap(pod.annotations);
    default:
      throw new VolumeRefusal([`unsupported fieldPath: ${fieldPath}`]);
  }
}

/** `key="value"` lines without a last line break. */
function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.entries(map)
    .map(([key, value]) => `${key}=${goQuoted(value)}`)
    .join('\n');
}

const GO_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** A text as Go's `%q` writes it; it is not JSON: a bell is `\a`, a no-break space `\u00a0`. */
function goQuoted(text: string): string {
  const quoted = text.replace(/["\\]|(?! )[\p{C}\p{Z}]/gu, (each) => {
    const code = each.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    if (GO_ESCAPES[each] !== undefined) return GO_ESCAPES[each];
    if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  return `"${quoted}"`;
}
