import { dirname, resolve as resolvePath } from 'node:path';
import type { Location } from '../verdict.ts';
import type { Path } from './complaint.ts';
import type { BundleDocument, SettingsDocument } from './schema.ts';
import type { BundleSettings, ConfirmSettings, Settings, TargetSettings } from './settings.ts';

/** Tells where in the settings file something stands. */
type Locate = (path: Path) => Location;

/** Turns a document that has passed every check into what the rest of the program works with. */
export function resolve(document: SettingsDocument, file: string, locate: Locate): Settings {
  const directory = dirname(file);
  const bundles = document.bundles.map((bundle, index) =>
    bundleOf(bundle, directory, (path) => locate(['bundles', index, ...path])),
  );
  return { ...document, bundles };
}

/** `directory` is where the settings file stands: a relative path of a schema starts there. */
function bundleOf(bundle: BundleDocument, directory: string, locate: Locate): BundleSettings {
  return {
    name: bundle.name,
    volumes: bundle.volumes,
    publish: bundle.publish,
    mountedAt: bundle.mountedAt ?? bundle.publish ?? bundle.volumes[0]?.path ?? '',
    settleMs: bundle.settle,
    maxSizeBytes: bundle.maxSize,
    validate: bundle.validate.map(({ files, format, schema }, index) => ({
      files,
      format,
      schema:
        schema === undefined
          ? undefined
          : {
              path: resolvePath(directory, schema),
              // Found when somebody asks: to look for it takes 3 ms of the start.
              get namedAt() {
                return locate(['validate', index, 'schema']);
              },
            },
    })),
    targets: bundle.targets.map(targetOf),
    confirm: bundle.confirm === undefined ? undefined : confirmOf(bundle.confirm),
    onFailure: bundle.onFailure,
    staleAfterMs: bundle.staleAfter,
    history: bundle.history,
  };
}

function targetOf({ webhook }: BundleDocument['targets'][number]): TargetSettings {
  const { url, method, success, refused, timeout, retries } = webhook;
  const { attempts, backoff, max } = retries;
  return {
    webhook: {
      url,
      method,
      success,
      refused,
      timeoutMs: timeout,
      retries: { attempts, backoffMs: backoff, maxMs: max },
    },
  };
}

function confirmOf({
  within,
  hold,
  http,
}: NonNullable<BundleDocument['confirm']>): ConfirmSettings {
  const { url, success, version } = http;
  return { withinMs: within, holdMs: hold, http: { url, success, versionJson: version?.json } };
}
