import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';

/** What of `config.yaml` this server uses. That the file has this shape is the schema's business. */
export interface Config {
  readonly model: {
    readonly name: string;
    readonly num_labels: number;
    readonly checkpoint: string;
  };
  readonly preprocessing: {
    readonly max_length: number;
    readonly truncation?: boolean;
    readonly lowercase?: boolean;
  };
  readonly inference: { readonly device: string; readonly precision?: string };
}

/** A configuration and the version of the directory that it was read from. */
export interface VersionedConfig {
  readonly config: Config;
  /** As lastgood names it; null in a directory that lastgood did not publish. */
  readonly version: string | null;
}

/** What `..data` links to: `..<time>.<first 12 hex digits of the version>`. */
const PUBLISHED = /^\.\.\d{4}(?:_\d\d){5}\.([0-9a-f]{12})$/;

/**
 * Reads `config.yaml` in `dir`. Without `version` it goes by the name of the published directory.
 * Rejects when the file is missing or is not YAML.
 */
export async function readConfig(dir: string, version?: string): Promise<VersionedConfig> {
  // Resolved once: a version and a file read through the link one after the other may not match.
  const published = await readlink(join(dir, '..data')).catch(() => '.');
  const text = await readFile(join(dir, published, 'config.yaml'), 'utf8');
  return {
    config: load(text, { filename: 'config.yaml' }) as Config,
    version: version ?? PUBLISHED.exec(published)?.[1] ?? null,
  };
}
