import type { Ajv } from 'ajv';

/**
 * Formats of texts in addition to those of JSON Schema; to other tools they are annotations. A Go
 * duration is not called `duration`, as in CRDs: in JSON Schema that is `PT30S` of ISO 8601, and a schema
 * must mean the same in every editor. `quantity` is the name in CEL of Kubernetes. `must` is the rest of
 * a message.
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
} as const;

/** Most URIs that people write. It refuses many others. */
const PLAIN_URI =
  /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[A-Za-z0-9._~-]+(?::[0-9]*)?(?:\/[A-Za-z0-9._~-]*)*$/;

/**
 * Accepts plain URIs without the expressions of ajv-formats, which a start would wait for: V8 takes 6 ms of CPU to
 * compile one. They decide about every other text.
 */
export function acceptPlainUris(ajv: Ajv): void {
  for (const name of ['uri', 'uri-reference']) {
    const format = ajv.formats[name];
    const isUri = format instanceof RegExp ? (text: string) => format.test(text) : format;
    if (typeof isUri === 'function')
      ajv.addFormat(name, (text: string) => PLAIN_URI.test(text) || isUri(text) === true);
  }
}
