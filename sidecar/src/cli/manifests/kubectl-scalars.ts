import type { Position } from '@lastgood/core/formats/format.ts';
import { offsetOfScalar } from '@lastgood/core/formats/yaml-nodes.ts';
import { EVENT_ID, getScalarValue, SCALAR_STYLE } from 'js-yaml';
import { type ManifestYaml, nameOf } from './manifest-yaml.ts';

/** What kubectl reads where a manifest has a plain text, such as `yes`, `1_000` or `0b11`. */
export type KubectlValue = boolean | number;

/** Finds the scalar at a position that is text in YAML 1.2, and something else for kubectl. */
export type KubectlValueAt = (position: Position) => KubectlValue | undefined;

/**
 * Every plain scalar of a manifest that kubectl reads as a boolean or a number: it reads
 * YAML 1.1, where such words need quotes.
 */
export function kubectlValues({ text, events, positionOf }: ManifestYaml): KubectlValueAt {
  const values = new Map<string, KubectlValue>();
  for (const event of events) {
    if (event.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN) continue;
    const offset = offsetOfScalar(event);
    if (offset === undefined || event.tagStart !== -1) continue;
    const value = kubectlValue(getScalarValue(text, event));
    if (value !== undefined) values.set(nameOf(positionOf(offset)), value);
  }
  return (position) => values.get(nameOf(position));
}

const BOOLEAN = /^(?:(?<yes>y|yes|true|on)|n|no|false|off)$/i;
const INTEGER = /^[-+]?(?:0b[01]+|0o[0-7]+|0x[0-9a-f]+|\d+)$/i;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?$/i;

/**
 * What kubectl makes of a plain scalar; undefined if it is text.
 *
 * Source: sigs.k8s.io/yaml goyaml.v2, `resolve`
 */
export function kubectlValue(plain: string): KubectlValue | undefined {
  const boolean = BOOLEAN.exec(plain);
  // `yes`, `Yes` and `YES`, but not `yEs`.
  if (boolean !== null && /^.?[a-z]*$|^[A-Z]*$/.test(plain))
    return boolean.groups?.yes !== undefined;
  if (!/^[-+.\d]/.test(plain)) return undefined;
  const digits = plain.replaceAll('_', '');
  if (INTEGER.test(digits)) return integerOf(digits);
  return FLOAT.test(digits) ? Number(digits) : undefined;
}

/** A leading zero means octal, as in Go; but `08` is a decimal number. */
function integerOf(written: string): number {
  const digits = written.replace(/^[-+]/, '').replace(/^0(?=[0-7]+$)/, '0o');
  return written.startsWith('-') ? -Number(digits) : Number(digits);
}
