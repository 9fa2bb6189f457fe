import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { BundleStatus, Status } from '../status.ts';

/** The body of `/readyz`: a line per bundle, and under it the findings that keep it from `ok`. */
export function readinessText({ ready, bundles }: Status): string {
  return [ready ? 'ready' : 'not ready', ...bundles.flatMap(linesOf), ''].join('\n');
}

function linesOf({ bundle, health }: BundleStatus): string[] {
  const { state, since, reason, findings } = health;
  if (state === 'ok') return [`${bundle}: ok`];
  const why = reason === undefined ? '' : `: ${reason}`;
  return [
    `${bundle}: ${state} since ${since}${why}`,
    ...findings.map((finding) => `  ${formatFinding(finding)}`),
  ];
}
