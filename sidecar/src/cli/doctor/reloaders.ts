import type { Container, Pod } from './pods.ts';

/** A container that brings changes to an app while both run. */
export interface Reloader {
  readonly container: Container;
  readonly kind: 'lastgood' | 'other reloader' | 'shell loop';
}

const LASTGOOD_IMAGE = /(?:^|\/)lastgood(?:[:@]|$)/;
const RELOADER_IMAGE = /(?:^|\/)(?:configmap-reload|prometheus-config-reloader)(?:[:@]|$)/;
const RELOADER_FLAG = /^--?(?:volume-dir|watched-dir|reload-url)(?:=|$)/;

/** A loop that waits, and then sends a request or a signal. */
const LOOP = /\b(?:while|until)\b/;
const WAIT = /\b(?:sleep|inotifywait)\b/;
const NOTIFY = /\b(?:curl|wget|kill|killall|pkill)\b/;

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
    const { image = '', words } = container;
    if (RELOADER_IMAGE.test(image) || words.some(({ text }) => RELOADER_FLAG.test(text)))
      return [{ container, kind: 'other reloader' }];
    const script = scriptOf(container);
    const isLoop = [LOOP, WAIT, NOTIFY].every((pattern) => pattern.test(script));
    return isLoop ? [{ container, kind: 'shell loop' }] : [];
  });
}
