/**
 * Why the kubelet does not mount or update a volume: a missing object or key, a path it does not
 * allow. The volume keeps what it held before.
 */
export class VolumeRefusal extends Error {
  /** Every reason, worded as the kubelet's `FailedMount` event words it. */
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[]) {
    super(reasons.join('; '));
    this.name = 'VolumeRefusal';
    this.reasons = reasons;
  }
}
