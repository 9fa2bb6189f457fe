import assert from 'node:assert/strict';
import { decode } from '@lastgood/core/formats/encoding.ts';
import { formatOfPath } from '@lastgood/core/formats/formats.ts';
import { parseFile } from '@lastgood/core/formats/parse-file.ts';
import { MAX_INLINE_BYTES } from '@lastgood/core/model/snapshot.ts';
import { fileOf, snapshotOf } from '../../sidecar/src/steps/validate/snapshot.testing.ts';
import { createValidator } from '../../sidecar/src/steps/validate/validator.ts';
import { fc } from '../property.ts';
import { anyBytes, corpusOf, mutatedOf } from './mutated.ts';
import { assertLocated } from './places.ts';
import type { Reader } from './readers.ts';

/** The same in each run, so that no run fails by chance; another seed may find a new bug. */
const seed = Number(process.env.LASTGOOD_SEED ?? 1);

/** Bytes as they may come in for a format: mostly nearly right. */
function bytesFor(extension: string): fc.Arbitrary<Buffer> {
  return fc.oneof({ weight: 4, arbitrary: mutatedOf(corpusOf(extension)) }, anyBytes);
}

/** Whatever the bytes, the validator gives a verdict; a rejection says where, and is no defect. */
export async function assertVerdicts(extension: string, numRuns: number): Promise<void> {
  const validate = await createValidator([]);
  await fc.assert(
    fc.asyncProperty(bytesFor(extension), async (bytes) => {
      assert.ok(bytes.length <= MAX_INLINE_BYTES);
      const { accepted, findings } = await validate(
        snapshotOf(fileOf(`config${extension}`, bytes)),
      );
      if (!accepted)
        assertLocated(findings, decode(bytes, formatOfPath(`x${extension}`).name).text);
      for (const { code } of findings) assert.notEqual(code, 'LG_INTERNAL');
    }),
    { numRuns, seed },
  );
}

/** What is accepted in a strict check, the other parser accepts as well, with the same values in the same places. */
export function assertSecondOpinion(reader: Reader, numRuns: number): void {
  const { extension, otherwise = [], assertPlaces, plain = (value) => value } = reader;
  fc.assert(
    fc.property(bytesFor(extension), (bytes) => {
      const file = fileOf(`config${extension}`, bytes);
      const parsed = parseFile(file, formatOfPath(file.path), { strict: true });
      const text = bytes.toString();
      if (!parsed.ok || otherwise.some(([, pattern]) => pattern.test(text))) return;
      const values = parsed.documents.map(({ value }) => value);
      assert.deepEqual(comparable(values).map(plain), comparable(reader.read(text)).map(plain));
      assertPlaces?.(parsed.documents, text);
    }),
    { numRuns, seed },
  );
}

/** Documents in which nothing is written are null for others, and none for lastgood. */
function comparable(values: readonly unknown[]): readonly unknown[] {
  return values.filter((value) => value !== null);
}
