import { RELOADERS } from '../../compat/detect.ts';
import type { ReloaderCompat } from '../../compat/reloader-compat.ts';

/** The reloader whose image a container runs. */
export function reloaderOfImage(image: string | undefined): ReloaderCompat | undefined {
  return RELOADERS.find(({ name }) => new RegExp(`(?:^|/)${name}(?:[:@]|$)`).test(image ?? ''));
}

/** Programs that tell whether a file has changed. */
const COMPARES = /\b(?:md5sum|sha\d+sum|cksum|cmp|diff|stat)\b/;

/** Whether a shell script waits for changes, or compares in a loop. */
export function watchesFiles(script: string): boolean {
  return /\binotifywait\b/.test(script) || COMPARES.test(textFrom(/\bwhile\b/, script));
}

/**
 * The text from its first match on; empty if there is none. In place of one pattern for both parts, which would
 * take the square of the length.
 */
export function textFrom(first: RegExp, text: string): string {
  const at = text.search(first);
  return at === -1 ? '' : text.slice(at);
}
