/** How a list or mapping in brackets is written around a value that is added to it. */
export interface FlowStyle {
  /** The indentation of the value's first line. */
  readonly indent: string;
  /** What each level adds. Undefined: all is on one line. */
  readonly unit: string | undefined;
  /** Keys without quotes, and a comma behind the last item. */
  readonly kyaml: boolean;
}

/** Writes a value as JSON, or as KYAML, which is JSON with fewer quotes. */
export function writeFlow(value: unknown, { indent, unit, kyaml }: FlowStyle): string {
  if (unit === undefined) return JSON.stringify(value);
  const json = JSON.stringify(value, null, unit).replaceAll('\n', `\n${indent}`);
  if (!kyaml) return json;
  return json
    .replaceAll(/^(\s*)"([A-Za-z_]\w*)": /gm, '$1$2: ')
    .replaceAll(/(?<![{[,])\n(\s*[}\]])/g, ',\n$1');
}

/** Writes the key of a mapping in brackets. */
export function writeFlowKey(key: string, { kyaml }: FlowStyle): string {
  return kyaml && /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key);
}
