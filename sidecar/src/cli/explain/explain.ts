import { dump } from 'js-yaml';
import type { CompatRequest, ReloaderCompat } from '../../compat/reloader-compat.ts';
import { settingsOfDocument } from '../../settings/from-value.ts';
import { type CommandResult, unusable } from '../command.ts';
import { DEFAULT_CONFIG } from '../run/default-config.ts';
import { withoutCredentials } from './credentials.ts';

/** Prints the command line of another reloader as settings that can be used unchanged. */
export function explainFlags({ name }: ReloaderCompat, request: CompatRequest): CommandResult {
  const loaded = settingsOfDocument(request.document, name, request.flagAt);
  if (!loaded.ok) return unusable(loaded.findings);
  const { document, notes } = withoutCredentials(request.document);
  const yaml = dump(document, { lineWidth: -1, noRefs: true });
  const { metricsPath, once } = request;
  const comments = [
    `These flags of ${name} as settings. Save them to the file that --config or`,
    `LASTGOOD_CONFIG names, or to ${DEFAULT_CONFIG}, and remove the flags.`,
    ...notes,
    "Only the flags give you the reloader's metrics under their own names.",
    ...(metricsPath === '/metrics'
      ? []
      : [`The settings do not serve ${metricsPath}: the metrics are at /metrics.`]),
    ...(once ? ['The flags are for one run: start lastgood with --once.'] : []),
  ];
  const head = comments.map((line) => `# ${line}\n`).join('');
  return { end: 'good', output: `${head}${yaml}`, findings: [] };
}
