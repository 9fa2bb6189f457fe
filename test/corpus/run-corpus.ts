import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { acceptedBy, type Corpus, filesOf, type Opinion, opinionsOf, verdictOf } from './corpus.ts';
import { minimise, signatureOf } from './minimise.ts';

/** More files with another fault help no reader. */
const MAX_SHOWN = 8;

/** Fails with each fault of the corpus, as the smallest file that has it. */
export async function assertNoFault(
  t: TestContext,
  corpus: Corpus,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<void> {
  const present = availableReaders(t, corpus);
  const used = { ...corpus, readers: present };
  const files = filesOf(used, Math.ceil(count * (corpus.share ?? 1)), seed);
  const opinions = await opinionsOf(used, files);
  const faults = new Map<string, Opinion>();
  for (const opinion of opinions) {
    const signature = signatureOf(used, opinion);
    if (signature === undefined) continue;
    const { length } = faults.get(signature)?.file ?? { length: Infinity };
    if (opinion.file.length < length) faults.set(signature, opinion);
  }
  t.diagnostic(
    `${corpus.format}, ${files.length} files, LASTGOOD_SEED=${seed}: ${countsOf(opinions)}`,
  );
  const shown = [];
  for (const [signature, opinion] of [...faults].slice(0, MAX_SHOWN))
    shown.push(`${signature}\n${describe(await minimise(used, opinion))}`);
  assert.equal(shown.join('\n\n'), '', `${faults.size} faults with LASTGOOD_SEED=${seed}`);
}

/** In CI a missing reader is a failure; elsewhere lastgood runs the others. */
function availableReaders(t: TestContext, { readers }: Corpus): Corpus['readers'] {
  return readers.filter((reader) => {
    const fault = reader.fault();
    assert.ok(fault === undefined || !process.env.CI, `${reader.name}: ${fault}`);
    if (fault !== undefined) t.diagnostic(`without ${reader.name}: ${fault}`);
    return fault === undefined;
  });
}

function countsOf(opinions: readonly Opinion[]): string {
  const pairs = Map.groupBy(
    opinions,
    (each) => `${verdictOf(each)}, accepted by ${acceptedBy(each)}`,
  );
  return [...pairs]
    .map(([pair, { length }]) => `${length} ${pair}`)
    .sort()
    .join('; ');
}

function describe({ file, own, others }: Opinion): string {
  const said = [...others].map(
    ([name, reason]) => `  ${name}: ${reason === '' ? 'accepted' : reason}`,
  );
  return [
    `  ${JSON.stringify(file.toString())}`,
    ...(file.equals(Buffer.from(file.toString())) ? [] : [`  hex ${file.toString('hex')}`]),
    ...own.map((finding) => `  lastgood, ${finding.severity}: ${formatFinding(finding)}`),
    ...said.map((line) => line.slice(0, 200)),
  ].join('\n');
}
