import formats from 'ajv-formats';
import { SCHEMA_FORMATS } from '../../../checks/json-schema/formats.ts';

/** A format that texts may be seen to have. */
interface TextFormat {
  readonly name: string;
  readonly fits: (text: string) => boolean;
  /** A text that is hardly anything else; `5m` fits a duration, and a quantity as well. */
  readonly isSure: (text: string) => boolean;
}

const QUANTITY = SCHEMA_FORMATS.quantity.pattern;
const DURATION = SCHEMA_FORMATS['go-duration'].pattern;

/**
 * Few, and none that a sound edit leaves: an address becomes a host name, a date a version. The
 * formats are asked themselves, so that a schema accepts what it was made of.
 */
const TEXT_FORMATS: readonly TextFormat[] = [
  {
    name: 'date-time',
    fits: fitsOf('date-time'),
    isSure: (text) => /^\d{4}-\d\d-\d\dT/.test(text),
  },
  { name: 'uri', fits: fitsOf('uri'), isSure: (text) => /^[a-z][a-z0-9+.-]*:\/\//i.test(text) },
  {
    name: 'go-duration',
    fits: (text) => DURATION.test(text),
    isSure: (text) => !QUANTITY.test(text),
  },
  {
    name: 'quantity',
    fits: (text) => QUANTITY.test(text),
    isSure: (text) => /[KMGTPE]i$/.test(text),
  },
];

/** The format that all texts have, if at least one of them leaves no doubt. */
export function formatOfTexts(texts: readonly string[]): string | undefined {
  return TEXT_FORMATS.find(({ fits, isSure }) => texts.every(fits) && texts.some(isSure))?.name;
}

function fitsOf(name: 'date-time' | 'uri'): (text: string) => boolean {
  const format = formats.default.get(name);
  if (typeof format === 'function') return format as (text: string) => boolean;
  if (typeof format === 'object' && 'validate' in format && typeof format.validate === 'function')
    return format.validate as (text: string) => boolean;
  throw new TypeError(`the format ${name} is no function`);
}
