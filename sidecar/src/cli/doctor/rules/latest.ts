import { quote } from '@lastgood/core/model/quote.ts';
import type { Rule } from '../rule.ts';

/**
 * A template that is not rendered, a word to replace, or the path of code that ko builds: no name of an
 * image has such characters.
 */
const TEMPLATE = /[${}<>]|:\/\/|^[^:]*[A-Z]/;

export const latest: Rule = {
  code: 'LG_DOCTOR_LATEST',
  severity: 'warning',
  why: `Without a tag, an image has the tag \`latest\`. A restarted pod may then run other code than the pods beside
it, with the same configuration: a version that was good for the old code may be bad for the new one, and a rollback
of the configuration does not bring the old code back.`,
  check: ({ pods, tools }) =>
    pods
      .filter((pod) => pod.runsAsWritten)
      .flatMap(({ object, containers }) =>
        containers.flatMap(({ name, image, at }) => {
          if (image === undefined || TEMPLATE.test(image) || !isLatest(image)) return [];
          // Kustomize and Skaffold replace the images that they name.
          if (tools.mentioned.has(image.replace(/:latest$/, ''))) return [];
          return { object, at: [...at, 'image'], args: [quote(name), quote(image)] };
        }),
      ),
};

function isLatest(image: string): boolean {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return image !== '' && !image.includes('@') && (!last.includes(':') || last.endsWith(':latest'));
}
