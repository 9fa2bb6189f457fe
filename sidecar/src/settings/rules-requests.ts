import { type Complaint, invalid, type Path } from './complaint.ts';
import type { BundleDocument } from './schema.ts';

type Target = BundleDocument['targets'][number];
type Webhook = NonNullable<Target['webhook']>;
type DryRun = BundleDocument['prepare'][number]['webhook'];

/** No status may mean two things; and what holds for every request. */
export function hookRules(hook: Webhook | DryRun, path: Path): Complaint[] {
  const { success, refused } = hook;
  const both = success.flatMap((match, index) => {
    const same = refused.find((other) => overlaps(match, other));
    if (same === undefined) return [];
    return [invalid([...path, 'success', index], `is ${match}, but refused has ${same}`)];
  });
  return [...both, ...requestRules(hook, path)];
}

type Request = Pick<Webhook, 'url' | 'auth' | 'tls'>;

/** One way to say who it is, and a certificate never without its key. */
export function requestRules({ auth, tls }: Request, path: Path): Complaint[] {
  const twice = auth.bearerFile !== undefined && auth.basic !== undefined;
  const [has, lacks] = tls.certFile === undefined ? ['key', 'cert'] : ['cert', 'key'];
  const isHalf = (tls.certFile === undefined) !== (tls.keyFile === undefined);
  return [
    ...(twice ? [invalid([...path, 'auth', 'basic'], 'cannot stand beside bearerFile')] : []),
    ...(isHalf ? [invalid([...path, 'tls'], `has ${has}File and needs "${lacks}File" too`)] : []),
  ];
}

/** Whether a status code could match both. */
function overlaps(one: string | number, other: string | number): boolean {
  if (typeof one === typeof other) return one === other;
  return String(one).charAt(0) === String(other).charAt(0);
}
