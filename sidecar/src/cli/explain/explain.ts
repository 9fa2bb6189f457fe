import { dump } from 'js-yaml';
import type { CompatRequest, ReloaderCompat } from '../../compat/reloader-compat.ts';
import { settingsOfDocument } from '../../settings/from-value.ts';
import type { CommandResult } from '../command.ts';
import { DEFAULT_CONFIG } from '../run/default-config.ts';
import { withoutCredentials } from './credentials.ts';

/** Prints what a command line of another reloader stands for, as settings that can be used as they are. */
export function explainCommand({ name }: ReloaderCompat, request: CompatRequest): CommandResult {
  const loaded = settingsOfDocument(request.document, name, request.flagAt);
  if (!loaded.ok) return { end: 'unusable', output: '', findings: loaded.findings };
  const { document, notes } = withoutCredentials(request.document);
  const yaml = dump(document, { lineWidth: -1, noRefs: true });
  const comments = [...headOf(name), ...notes, ...tailOf(request)].map((line) => `# ${line}\n`);
  return { end: 'good', output: `${comments.join('')}${yaml}`, findings: [] };
}

function headOf(name: string): string[] {
  return [
    `What these flags of ${name} stand for, as lastgood.yaml says it. Put it where`,
    '--config or LASTGOOD_CONFIG names it, or into',
    `${DEFAULT_CONFIG}, and leave the flags out.`,
  ];
}

/** What settings cannot say. */
function tailOf({ metricsPath, once }: CompatRequest): string[] {
  return [
    'The metrics that the reloader has under its own names come with its flags alone.',
    ...(metricsPath === '/metrics' ? [] : [`So does ${metricsPath}: the metrics are at /metrics.`]),
    ...(once ? ['The flags ask for one run: start lastgood with --once.'] : []),
  ];
}
