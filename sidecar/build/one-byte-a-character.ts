import { readFile } from 'node:fs/promises';
import type { PartialMessage, Plugin } from 'esbuild';

/** Characters beyond Latin-1, each with what stands around it. */
const WIDE = /.{0,40}[\u0100-\u{10ffff}].{0,20}/gu;

/**
 * Fails the build when the one file holds a character beyond Latin-1. V8 then keeps the whole script
 * in two bytes a character: 1.5 MiB for a single one. esbuild escapes them in strings, and leaves
 * those of regular expressions and tagged templates as they are.
 */
export const oneByteACharacter: Plugin = {
  name: 'one-byte-a-character',
  setup({ initialOptions: { outfile }, onEnd }) {
    onEnd(async ({ errors }) => {
      if (outfile === undefined || errors.length > 0) return {};
      return { errors: complaintsOf(await readFile(outfile, 'utf8')) };
    });
  },
};

function complaintsOf(built: string): PartialMessage[] {
  return [...built.matchAll(WIDE)].map(([around]) => ({
    text: `the one file holds a character beyond Latin-1; write it as an escape: ${around}`,
  }));
}
