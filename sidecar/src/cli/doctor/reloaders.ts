import type { Container, Pod } from '../manifests/pods.ts';
import { reloaderOfImage, textFrom, watchesFiles } from '../manifests/reloaders.ts';

/** A container that brings changes to an app while both run. */
export interface Reloader {
  readonly container: Container;
  readonly kind: 'lastgood' | 'other reloader' | 'shell loop';
}

const LASTGOOD_IMAGE = /(?:^|\/)lastgood(?:[:@]|$)/;
const RELOADER_FLAG = /^--?(?:volume-dir|watched-dir|reload-url)(?:=|$)/;

/** Sends a request or a signal. */
const NOTIFIES = /\b(?:curl|wget|kill|killall|pkill)\b|\s-s\s+reload\b/;

/** Asks an app to reload. */
const RELOADS =
  /\b(?:curl|wget)\b[^\n;|&]{0,1000}reload|\b(?:kill|killall|pkill)\s+-(?:s\s*)?(?:SIG)?(?:HUP|USR1|USR2|1)\b|\s-s\s+reload\b/i;

/** Only the body of a loop: its condition may as well wait for another container. */
function reloadsInLoop(script: string): boolean {
  return RELOADS.test(textFrom(/\bdo\b/i, script));
}

export function isLastgood({ image, words }: Container): boolean {
  return LASTGOOD_IMAGE.test(image ?? '') || /(?:^|\/)lastgood$/.test(words[0]?.text ?? '');
}

/** All words of a container, as one text. */
export function scriptOf({ words }: Container): string {
  return words.map(({ text }) => text).join(' ');
}

/** The containers of a pod that watch its configuration. */
export function reloadersOf({ containers }: Pod): readonly Reloader[] {
  return containers.flatMap((container): Reloader[] => {
    if (container.role === 'init') return [];
    if (isLastgood(container)) return [{ container, kind: 'lastgood' }];
    const { image, words } = container;
    if (reloaderOfImage(image) !== undefined || words.some(({ text }) => RELOADER_FLAG.test(text)))
      return [{ container, kind: 'other reloader' }];
    const script = scriptOf(container);
    const isLoop = (watchesFiles(script) && NOTIFIES.test(script)) || reloadsInLoop(script);
    return isLoop ? [{ container, kind: 'shell loop' }] : [];
  });
}
