/** One volume of a bundle, as the settings describe it. */
export interface VolumeSettings {
  /** Absolute, without a trailing slash. */
  readonly path: string;
  /** Directory of its files inside the snapshot; `.` is the top. */
  readonly at: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly secret: boolean;
}
