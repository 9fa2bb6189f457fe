import { quote } from '@lastgood/core/model/quote.ts';
import { redactUrl } from '../../../io/http/redact-url.ts';
import type { ManifestObject } from '../../manifests/objects.ts';
import { itemsAt } from '../../manifests/objects.ts';
import { type Container, mappingAt, type Pod } from '../../manifests/pods.ts';
import { reloadersOf } from '../reloaders.ts';
import type { Problem, Rule, RuleContext } from '../rule.ts';

export const reloadPort: Rule = {
  code: 'LG_DOCTOR_RELOAD_PORT',
  severity: 'warning',
  why: `The containers of a pod share \`localhost\`. If the app listens on another port than the URL has, each reload
fails. A container may listen on a port that it does not declare, so this is a warning, and not reported where the
other containers declare no port at all.`,
  check: (context) =>
    callsOf(context).flatMap((call) => {
      const { url, container, at, offset } = call;
      if (!['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) return [];
      const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
      const reloaders = reloadersOf(container.pod).map((each) => each.container);
      const apps = container.pod.containers.filter(
        (each) => each !== container && each.role !== 'init' && !reloaders.includes(each),
      );
      const ports = apps.flatMap(portsOf);
      if (ports.length === 0 || ports.includes(port)) return [];
      const shown = redactUrl(url.href);
      const fix = `correct the port (they declare ${ports.join(', ')}), or declare ${port} too`;
      const args = [quote(container.name), shown, port];
      return { object: container.pod.object, at, offset, args, fix };
    }),
};

export const reloadService: Rule = {
  code: 'LG_DOCTOR_RELOAD_SERVICE',
  severity: 'warning',
  why: `A Service sends each request to any one of its pods. The reloader of one pod then reloads another one, perhaps
before the volume of that pod has the change, and the app beside it may never be notified.`,
  check: (context) =>
    callsOf(context).flatMap(({ url, container, at, offset }) => {
      const { pod } = container;
      const service = context.objects.find((each) => leadsTo(each, pod, url.hostname));
      if (service === undefined) return [];
      const args = [quote(container.name), redactUrl(url.href), service.name];
      const fix = `use localhost and the port of the container, in place of ${url.host}`;
      return { object: pod.object, at, offset, args, fix };
    }),
};

/** A request of a reloader. */
interface Call extends Pick<Problem, 'at' | 'offset'> {
  readonly url: URL;
  readonly container: Container;
}

const URLS = /\bhttps?:\/\/[^\s'"|;&<>)]+/g;

function callsOf({ pods, settings }: RuleContext): readonly Call[] {
  return pods.flatMap((pod) => [
    ...reloadersOf(pod).flatMap(({ container }) =>
      container.words.flatMap(({ text, at }) =>
        [...text.matchAll(URLS)].flatMap(({ 0: found, index: offset }) =>
          callOf(found, container, { at, offset }),
        ),
      ),
    ),
    ...(settings.get(pod)?.settings.bundles ?? []).flatMap(({ targets }) =>
      targets.flatMap((target) => {
        const container = settings.get(pod)?.container;
        if (container === undefined || !('webhook' in target)) return [];
        return callOf(target.webhook.url, container, { at: container.at });
      }),
    ),
  ]);
}

function callOf(
  text: string,
  container: Container,
  place: Pick<Call, 'at' | 'offset'>,
): readonly Call[] {
  const url = URL.parse(text);
  return url === null || /[{}$]/.test(url.host) ? [] : [{ url, container, ...place }];
}

function portsOf({ pod, at }: Container): readonly number[] {
  return itemsAt(pod.object.value, [...at, 'ports']).flatMap(({ pointer }) => {
    return pod.numberAt([...pointer, 'containerPort']) ?? [];
  });
}

/** Whether the host is that of a Service, and the pod is one of its pods. */
function leadsTo(service: ManifestObject, { object, labels }: Pod, host: string): boolean {
  const { kind, name, namespace, value } = service;
  if (kind !== 'Service' || namespace !== object.namespace) return false;
  const names = [name, ...(namespace === undefined ? [] : [`${name}.${namespace}`])];
  if (!names.some((each) => host === each || host.startsWith(`${each}.`))) return false;
  const selector = Object.entries(mappingAt(value, ['spec', 'selector']));
  return selector.length > 0 && selector.every(([key, wanted]) => labels[key] === wanted);
}
