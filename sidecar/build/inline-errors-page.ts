import type { Plugin } from 'esbuild';
import { readErrorsPage } from '../src/cli/doctor/errors-page.ts';

/** The one file explains codes without docs/errors.md beside it. */
export const inlineErrorsPage: Plugin = {
  name: 'inline-errors-page',
  setup({ onLoad }) {
    onLoad({ filter: /\/doctor\/errors-page\.ts$/ }, () => ({
      contents: `export const readErrorsPage = () => ${JSON.stringify(readErrorsPage())};`,
    }));
  },
};
