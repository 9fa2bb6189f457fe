import { showView } from '@lastgood/core/formats/show-view.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { CheckResult } from '../../checks/check-result.ts';
import { MAX_INLINE_ERRORS, type TaskOptions } from './check-file.ts';
import type { ViewCheck } from './compile-checks.ts';
import { assertLight } from './weight.ts';

/**
 * Checks files with the schema of an app, as the app reads them: several documents are a list, and a
 * file-per-key volume is an object of texts.
 */
export function checkView(
  { view, schema }: ViewCheck,
  files: readonly SnapshotFile[],
  { isInline = false }: TaskOptions,
): CheckResult {
  const shown = showView(files, view);
  if (!shown.ok) return shown;
  if (isInline)
    for (const { file, value } of shown.parsed)
      assertLight([{ value }], file, { schemas: new Set([schema]) });
  const most = isInline ? MAX_INLINE_ERRORS : undefined;
  const { issues, leftOut = 0 } = schema(shown.plain, shown.secret, most);
  return { findings: issues.map(shown.locate), leftOut };
}
