import type { Format, Parsed } from './format.ts';

/**
 * Any UTF-8 text: every content is valid, and its one value is the whole text. The extensions are of
 * text files whose grammar lastgood does not know. A `.cfg` may be INI, or in the language of HAProxy or
 * Nagios; PHP's and uWSGI's own `.ini` repeat a key to give a list.
 */
export const text: Format = {
  name: 'text',
  extensions: [
    ...['.txt', '.md', '.rst', '.adoc', '.log', '.csv', '.tsv', '.sql'],
    ...['.conf', '.cfg', '.cnf', '.config', '.rules', '.cel', '.rego', '.hcl', '.tf', '.vcl'],
    ...['.sh', '.bash', '.py', '.js', '.mjs', '.cjs', '.ts', '.lua', '.rb', '.pl', '.php', '.go'],
    ...['.java', '.groovy', '.ps1', '.bat', '.awk', '.sed'],
    ...['.html', '.htm', '.xml', '.xsd', '.xsl', '.svg', '.css', '.graphql', '.proto'],
    ...['.tpl', '.tmpl', '.j2', '.jinja', '.jinja2', '.mustache', '.hbs'],
  ],
  fileNames: /^(?:php|uwsgi)\.ini$/,
  parse,
};

/**
 * Bytes that are not read unless a check names a schema or rules for them: an image, a keystore, or a
 * file with an unknown name. A schema sees them as text.
 */
export const binary: Format = { name: 'binary', extensions: [], parse };

function parse(content: string): Parsed {
  const document = { value: content, locate: () => ({ line: 1, column: 1 }) };
  return { ok: true, documents: [document] };
}
