/** The ways in which a report can be written. */
export const OUTPUTS = ['human', 'json', 'github', 'sarif', 'junit'] as const;

export type Output = (typeof OUTPUTS)[number];
