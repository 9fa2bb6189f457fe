import { type Complaint, invalid, type Path } from './complaint.ts';
import type { Readable } from './shape.ts';

interface Directory {
  /** How a message calls it: `the volume`, `stateDir`. */
  readonly name: string;
  readonly directory: string;
  /** The key that says so. */
  readonly path: Path;
}

/**
 * No directory that lastgood writes may be one that it reads, nor stand inside or around it: what it
 * writes would be captured again, for ever, and a rename would take a mount away.
 */
export function overlapRules(readable: Readable): Complaint[] {
  const volumes = volumesOf(readable);
  const published = publishedOf(readable);
  const state = stateOf(readable);
  return [
    ...published.flatMap((own, index) => [
      ...clashes(own, [...volumes, ...state]),
      ...clashes(own, published.slice(0, index)),
    ]),
    // The volume is named as the culprit: stateDir may be the default, which stands in no line.
    ...volumes.flatMap((own) => clashes(own, state)),
  ];
}

function volumesOf({ bundles }: Readable): Directory[] {
  return bundles.flatMap((bundle, index) =>
    (bundle?.volumes ?? []).map((volume, at) => ({
      name: 'the volume',
      directory: volume.path,
      path: ['bundles', index, 'volumes', at, 'path'],
    })),
  );
}

function publishedOf({ bundles }: Readable): Directory[] {
  return bundles.flatMap((bundle, index) =>
    bundle?.publish === undefined
      ? []
      : [
          {
            name: `publish of the bundle "${bundle.name}",`,
            directory: bundle.publish,
            path: ['bundles', index, 'publish'],
          },
        ],
  );
}

function stateOf({ stateDir }: Readable): Directory[] {
  return stateDir === undefined
    ? []
    : [{ name: 'stateDir', directory: stateDir, path: ['stateDir'] }];
}

function clashes(own: Directory, others: readonly Directory[]): Complaint[] {
  return others.flatMap((other) => {
    const how = relation(own.directory, other.directory);
    if (how === undefined) return [];
    const rule = `must not ${how} ${other.name} ${other.directory} (is ${own.directory})`;
    return [invalid(own.path, rule)];
  });
}

/** Goes by the paths as written; what symbolic links make of them shows only at run time. */
function relation(own: string, other: string): string | undefined {
  if (own === other) return 'be';
  if (own.startsWith(`${other}/`)) return 'be inside';
  if (other.startsWith(`${own}/`)) return 'be around';
  return undefined;
}
