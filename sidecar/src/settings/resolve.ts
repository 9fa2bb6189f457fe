import { dirname, resolve as resolvePath } from 'node:path';
import type { Location } from '@lastgood/core/model/finding.ts';
import type { Path } from './complaint.ts';
import { confirmOf } from './resolve-confirm.ts';
import { commandOf, prepareOf, targetOf } from './resolve-targets.ts';
import type { BundleDocument, SettingsDocument } from './schema.ts';
import type {
  BundleSettings,
  CheckSettings,
  ExecSettings,
  ExpandSettings,
  RuleSettings,
  SchemaSettings,
  Settings,
} from './settings.ts';

/** Tells where in the settings file something stands. */
export interface Locate {
  (path: Path): Location;
  /** Of a text: where its first character stands, and whether the rest follows as it is. */
  text(path: Path, text: string): { readonly location: Location; readonly verbatim: boolean };
}

/** Turns a document that has passed every check into what the rest of the program works with. */
export function resolve(document: SettingsDocument, file: string, locate: Locate): Settings {
  const directory = dirname(file);
  const bundles = document.bundles.map((bundle, index) =>
    bundleOf(bundle, directory, under(locate, ['bundles', index])),
  );
  const { listen, webConfigFile, log, stateDir } = document;
  return { listen, webConfigFile, log, stateDir, bundles };
}

/** The places below a path. */
function under(locate: Locate, path: Path): Locate {
  const inner: Locate = (more) => locate([...path, ...more]);
  inner.text = (more, text) => locate.text([...path, ...more], text);
  return inner;
}

/** `directory` is where the settings file stands: a relative path of a schema starts there. */
function bundleOf(bundle: BundleDocument, directory: string, locate: Locate): BundleSettings {
  const targets = bundle.targets.map(targetOf);
  return {
    name: bundle.name,
    volumes: bundle.volumes,
    publish: bundle.publish,
    mountedAt: bundle.mountedAt ?? bundle.publish ?? bundle.volumes[0]?.path ?? '',
    settleMs: bundle.settle,
    maxSizeBytes: bundle.maxSize,
    reloadOn: bundle.reloadOn,
    validate: bundle.validate.map((check, index) =>
      checkOf(check, directory, under(locate, ['validate', index])),
    ),
    prepare: bundle.prepare.map(prepareOf),
    targets,
    confirm: bundle.confirm && confirmOf(bundle.confirm, targets),
    onFailure: bundle.onFailure,
    staleAfterMs: bundle.staleAfter,
    history: bundle.history,
    expand: bundle.expand && expandOf(bundle.expand),
    tellAtStart: bundle.tellAtStart,
  };
}

function expandOf({
  file,
  to,
  ordinalFrom,
}: NonNullable<BundleDocument['expand']>): ExpandSettings {
  return { file, to, ordinalFrom };
}

type CheckDocument = BundleDocument['validate'][number];

/** The rules between keys have seen to it that just one of the kinds fits. */
function checkOf(check: CheckDocument, directory: string, locate: Locate): CheckSettings {
  const { files, keys, format = 'auto', shape, traps, exec } = check;
  const rules = (check.rules ?? []).map((rule, index) =>
    ruleOf(rule, under(locate, ['rules', index, 'rule'])),
  );
  const schema = check.schema === undefined ? undefined : schemaOf(check.schema, directory, locate);
  if (files !== undefined) return { files, format, schema, rules };
  if (keys !== undefined) return { keys, schema, rules };
  if (shape !== undefined) return { shape };
  if (traps !== undefined) return { traps };
  if (exec !== undefined) return { exec: execOf(exec) };
  return { rules };
}

type RuleDocument = NonNullable<CheckDocument['rules']>[number];

function ruleOf({ rule, message }: RuleDocument, locate: Locate): RuleSettings {
  let found: ReturnType<Locate['text']> | undefined;
  // Found once, when somebody asks: a thread that checks a large file is sent all of the settings.
  const place = () => {
    found ??= locate.text([], rule);
    return found;
  };
  return {
    rule,
    message,
    get namedAt() {
      return place().location;
    },
    get verbatim() {
      return place().verbatim;
    },
  };
}

function execOf({ command, timeout }: NonNullable<CheckDocument['exec']>): ExecSettings {
  return { command: commandOf(command), timeoutMs: timeout };
}

function schemaOf(path: string, directory: string, locate: Locate): SchemaSettings {
  return {
    path: resolvePath(directory, path),
    // Found when somebody asks: to look for it takes 3 ms of the start.
    get namedAt() {
      return locate(['schema']);
    },
  };
}
