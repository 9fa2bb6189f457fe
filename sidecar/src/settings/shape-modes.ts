/**
 * What to do about changes against the last good version: report them, reject those that may break
 * the app, or reject any. Apart from the schema, so that the command line loads without zod.
 */
export const SHAPE_MODES = ['off', 'warn', 'compatible', 'same'] as const;

export type ShapeMode = (typeof SHAPE_MODES)[number];
