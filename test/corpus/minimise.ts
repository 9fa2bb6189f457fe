import { type Corpus, faultOf, type Opinion, opinionsOf } from './corpus.ts';

const MAX_ROUNDS = 40;

/** A smaller file with the same fault: pieces are cut out while it lasts. */
export async function minimise(corpus: Corpus, opinion: Opinion): Promise<Opinion> {
  const fault = signatureOf(corpus, opinion);
  let smallest = opinion;
  let size = Math.ceil(opinion.file.length / 2);
  for (let round = 0; round < MAX_ROUNDS && size > 0; round++) {
    const { file } = smallest;
    const starts = Array.from(
      { length: Math.ceil(file.length / size) },
      (_, index) => index * size,
    );
    const cut = (start: number) =>
      Buffer.concat([file.subarray(0, start), file.subarray(start + size)]);
    const opinions = await opinionsOf(corpus, starts.slice(0, 200).map(cut));
    const next = opinions.find((each) => signatureOf(corpus, each) === fault);
    if (next === undefined) size = size === 1 ? 0 : Math.ceil(size / 2);
    else smallest = next;
  }
  return smallest;
}

/** Two files with the same one have most likely the same cause. */
export function signatureOf(corpus: Corpus, opinion: Opinion): string | undefined {
  const fault = faultOf(corpus, opinion);
  if (fault === undefined) return undefined;
  const errors = opinion.own.filter(({ severity }) => severity === 'error');
  const said = errors.map(({ code, message }) => `${code} ${message.replaceAll(/["'(].*/g, '')}`);
  return `${fault}: ${said[0] ?? ''}`;
}
