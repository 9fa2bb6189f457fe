import { quote } from '@lastgood/core/model/quote.ts';
import { itemsAt, textAt } from '../../manifests/objects.ts';
import { type Container, mappingAt } from '../../manifests/pods.ts';
import type { Problem, Rule } from '../rule.ts';

export const fileKeyRef: Rule = {
  code: 'LG_DOCTOR_FILE_KEY_REF',
  severity: 'error',
  why: `\`fileKeyRef\` reads a variable from a file of \`KEY='value'\` lines that an earlier container has written. It
needs \`volumeName\`, \`path\` and \`key\`; the volume must be an emptyDir, and the path relative and without \`..\`.`,
  check: ({ pods }) =>
    pods.flatMap(({ containers }) => containers.flatMap((container) => problemsOf(container))),
};

function problemsOf({ pod, at }: Container): Problem[] {
  const root = pod.object.value;
  return itemsAt(root, [...at, 'env']).flatMap(({ value, pointer }) => {
    if (!('fileKeyRef' in mappingAt(value, ['valueFrom']))) return [];
    const place = [...pointer, 'valueFrom', 'fileKeyRef'];
    const problem = (message: string, key?: string) => [
      { object: pod.object, at: key === undefined ? place : [...place, key], args: [message] },
    ];
    const [name, path, key] = ['volumeName', 'path', 'key'].map((each) =>
      textAt(root, [...place, each]),
    );
    if (name === undefined || path === undefined || key === undefined)
      return problem('needs volumeName, path and key');
    if (/^\/|^\.\.|(?:^|\/)\.\.(?:\/|$)/.test(path))
      return problem('path must be relative, and must not contain ".."', 'path');
    const volume = pod.volumes.find((each) => each.name === name);
    if (volume === undefined) return problem(`there is no volume ${quote(name)}`, 'volumeName');
    if ('emptyDir' in volume.value) return [];
    return problem(`the volume ${quote(name)} must be an emptyDir`, 'volumeName');
  });
}
