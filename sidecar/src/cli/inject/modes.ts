/** How lastgood hands a new version to the app. */
export const MODES = ['publish', 'drop-in', 'signal', 'sdk'] as const;
export type Mode = (typeof MODES)[number];
