/** Source: TOML 1.1 (RFC 3339, seconds are optional), as smol-toml passes them on. */
const DATE = /(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)/;
const TIME = /(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d{1,9}))?)?/;
const OFFSET = /(?<offset>[Zz]|[+-]\d\d:\d\d)\[[+-]\d\d:\d\d\]/;

function pattern(...parts: readonly RegExp[]): RegExp {
  return new RegExp(`^${parts.map(({ source }) => source).join('')}$`);
}

/** What smol-toml uses of `Temporal`: each kind reads a text, or throws, and writes it in one form. */
export const TEMPORAL_STAND_IN = {
  ZonedDateTime: reader(pattern(DATE, /[Tt ]/, TIME, OFFSET)),
  PlainDateTime: reader(pattern(DATE, /[Tt ]/, TIME)),
  PlainDate: reader(pattern(DATE)),
  PlainTime: reader(pattern(TIME)),
};

function reader(accepts: RegExp) {
  return {
    from: (text: string): object => {
      const { year, month, day, hour, ...rest } = accepts.exec(text)?.groups ?? {};
      const isRead = year !== undefined || hour !== undefined;
      if (!isRead || !isDate(year, month, day)) throw new RangeError('invalid date');
      const date = year === undefined ? [] : [`${year}-${month}-${day}`];
      const time = hour === undefined ? [] : [formatTime({ hour, ...rest })];
      const iso = [...date, ...time].join('T');
      return { toString: () => iso };
    },
  };
}

type Fields = Readonly<Record<string, string | undefined>>;

function isDate(year = '2000', month = '01', day = '01'): boolean {
  // Without `Date.UTC`, which takes the years 0 to 99 for those of the last century.
  const date = new Date(`${year}-${month}-01T00:00:00Z`);
  date.setUTCDate(Number(day));
  return date.getUTCMonth() + 1 === Number(month);
}

function formatTime({ hour, minute, second = '00', fraction = '', offset = '' }: Fields): string {
  const [sign = '', hours = '00', minutes = '00'] = offset.split(/(?<=[+-])|:/);
  const isInRange = [hour, hours].every((each) => Number(each) < 24);
  const isTime = [minute, minutes].every((each) => Number(each) < 60) && Number(second) <= 60;
  if (!isInRange || !isTime) throw new RangeError('invalid time');
  const digits = fraction.replace(/0+$/, '');
  // As Temporal, which has no leap second.
  const seconds = second === '60' ? '59' : second;
  const zone = offset === '' ? '' : formatOffset(sign, hours, minutes);
  return `${hour}:${minute}:${seconds}${digits === '' ? '' : `.${digits}`}${zone}`;
}

function formatOffset(sign: string, hours: string, minutes: string): string {
  const isZero = Number(hours) + Number(minutes) === 0;
  return `${isZero ? '+' : sign}${hours}:${minutes}`;
}

/**
 * Runs smol-toml where the global `Temporal` may be missing: Node has it from version 26 on, and the SDK
 * runs on Node 22. Nothing but the synchronous `work` sees the stand-in.
 */
export function withTemporal<Result>(work: () => Result): Result {
  if ('Temporal' in globalThis) return work();
  const Temporal = { value: TEMPORAL_STAND_IN, configurable: true };
  Object.defineProperty(globalThis, 'Temporal', Temporal);
  try {
    return work();
  } finally {
    Reflect.deleteProperty(globalThis, 'Temporal');
  }
}
