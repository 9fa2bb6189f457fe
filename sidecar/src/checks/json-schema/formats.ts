/** A format that JSON Schema lacks and configuration on Kubernetes is full of. */
interface SchemaFormat {
  readonly pattern: RegExp;
  /** What the value must be: the rest of a message. */
  readonly must: string;
}

/**
 * Formats of texts beside those of JSON Schema; to tools that do not know them they are annotations.
 * A duration of Go is not called `duration`, as CRDs call it: in JSON Schema that word means the
 * `PT30S` of ISO 8601, and a schema must mean the same in every editor. `quantity` is the name that
 * CEL in Kubernetes has for it.
 *
 * Sources: Kubernetes apimachinery `pkg/api/resource/quantity.go`; Go `time.ParseDuration`.
 */
export const SCHEMA_FORMATS = {
  quantity: {
    pattern: /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/,
    must: 'be a Kubernetes quantity such as 500m or 2Gi',
  },
  'go-duration': {
    pattern: /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|[u\u00b5\u03bc]s|ms|s|m|h))+)$/,
    must: 'be a duration such as 250ms, 30s or 1h30m',
  },
} as const satisfies Record<string, SchemaFormat>;

/** What a value of a format must be, for formats of ours. */
export function mustOfFormat(name: string): string | undefined {
  const formats: Record<string, SchemaFormat> = SCHEMA_FORMATS;
  return Object.hasOwn(formats, name) ? formats[name]?.must : undefined;
}
