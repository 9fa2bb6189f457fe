import type { Format, Parsed } from './format.ts';

/**
 * Any UTF-8 text: no content of it is wrong, and its one value is the whole of it. These names say
 * that there is a person's text in the file, of a grammar that lastgood does not know. A `.cfg` may be
 * INI, HAProxy's or Nagios' language; the others are named for what they hold, but PHP's and uWSGI's
 * own `.ini` use a key twice to give a list.
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
 * Bytes that nobody looks at, unless a schema is named for them: an image, a keystore, or a file whose
 * name says nothing. A schema sees it as text.
 */
export const binary: Format = { name: 'binary', extensions: [], parse };

function parse(content: string): Parsed {
  const document = { value: content, locate: () => ({ line: 1, column: 1 }) };
  return { ok: true, documents: [document] };
}
