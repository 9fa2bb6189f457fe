import { tryTo } from './try-to.ts';

/** Decodes `%20` and the like. A text that cannot be decoded stays as it is. */
export function percentDecode(text: string): string {
  return tryTo(() => decodeURIComponent(text)) ?? text;
}
