import formats from 'ajv-formats';
import { SCHEMA_FORMATS } from '../../../checks/json-schema/formats.ts';

interface TextFormat {
  readonly name: string;
  readonly fits: (text: string) => boolean;
  /** Whether a text can hardly be anything else: `5m` is a duration, or a quantity. */
  readonly isSure: (text: string) => boolean;
}

const QUANTITY = SCHEMA_FORMATS.quantity.pattern;
const DURATION = SCHEMA_FORMATS['go-duration'].pattern;

/**
 * Only formats that an ordinary edit keeps: an address may become a host name, and a date a
 * version. Each is tested by the code that validates it, so that a schema accepts its own examples.
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

/** The format that all texts have, if at least one is sure. */
export function formatOfTexts(texts: readonly string[]): string | undefined {
  return TEXT_FORMATS.find(({ fits, isSure }) => texts.every(fits) && texts.some(isSure))?.name;
}

function fitsOf(name: 'date-time' | 'uri'): (text: string) => boolean {
  const format = formats.default.get(name);
  if (typeof format === 'function') return format as (text: string) => boolean;
  if (typeof format === 'object' && 'validate' in format && typeof format.validate === 'function')
    return format.validate as (text: string) => boolean;
  throw new TypeError(`the format ${name} is not a function`);
}
