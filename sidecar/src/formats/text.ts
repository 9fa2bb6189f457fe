import type { Format } from './format.ts';

/** Anything: its content is never wrong, and its one value is the whole text. */
export const text: Format = {
  name: 'text',
  extensions: ['.txt'],
  parse: (content) => ({
    ok: true,
    documents: [{ value: content, locate: () => ({ line: 1, column: 1 }) }],
  }),
};
