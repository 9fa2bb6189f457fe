import { RELOADERS } from '../../compat/detect.ts';
import type { ReloaderCompat } from '../../compat/reloader-compat.ts';

/** The reloader whose image a container runs. */
export function reloaderOfImage(image: string | undefined): ReloaderCompat | undefined {
  return RELOADERS.find(({ name }) => new RegExp(`(?:^|/)${name}(?:[:@]|$)`).test(image ?? ''));
}

/** A shell script that waits for changes, or compares in a loop. */
const WATCHES = /\binotifywait\b|\bwhile\b[\s\S]*\b(?:md5sum|sha\d+sum|cksum|cmp|diff|stat)\b/;

export function watchesFiles(script: string): boolean {
  return WATCHES.test(script);
}
