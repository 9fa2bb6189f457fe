const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * The number that a quantity of Kubernetes means, such as `64Mi` or `100m`. Undefined if it is not one.
 *
 * Source: Kubernetes apimachinery pkg/api/resource
 */
export function quantityOf(written: unknown): number | undefined {
  const [, digits, unit = ''] =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(\D*)$/.exec(String(written)) ?? [];
  const factor = Object.hasOwn(FACTORS, unit) ? FACTORS[unit] : undefined;
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
