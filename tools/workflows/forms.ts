import { basename } from 'node:path';
import { parseDocument } from 'yaml';
import * as z from 'zod';

/**
 * GitHub drops a form or an update that it cannot read without a message, so these schemas are strict:
 * they know the keys that this repository uses and refuse all others.
 * Source: GitHub's docs, "Syntax for GitHub's form schema" and "Dependabot options reference".
 */
const text = z.string().trim().min(1);
const id = z.string().regex(/^[\w-]+$/);
const validations = z.strictObject({ required: z.boolean() }).optional();
const asked = { label: text, description: text.optional() };
const written = { ...asked, placeholder: text.optional(), value: text.optional() };

const unique = (values: readonly unknown[]) => new Set(values).size === values.length;
const options = z.array(text).min(1).refine(unique, 'has an option twice');
const boxes = z.array(z.strictObject({ label: text, required: z.boolean().optional() })).min(1);

const formItem = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('markdown'), attributes: z.strictObject({ value: text }) }),
  z.strictObject({
    type: z.literal('input'),
    id,
    attributes: z.strictObject(written),
    validations,
  }),
  z.strictObject({
    type: z.literal('textarea'),
    id,
    attributes: z.strictObject({ ...written, render: text.optional() }),
    validations,
  }),
  z.strictObject({
    type: z.literal('dropdown'),
    id,
    attributes: z.strictObject({ ...asked, options, multiple: z.boolean().optional() }),
    validations,
  }),
  z.strictObject({
    type: z.literal('checkboxes'),
    id,
    attributes: z.strictObject({ ...asked, options: boxes }),
  }),
]);

const issueForm = z.strictObject({
  name: text,
  description: text,
  title: text.optional(),
  labels: z.array(text).optional(),
  body: z
    .array(formItem)
    .refine((items) => items.some(({ type }) => type !== 'markdown'), 'asks for nothing')
    .refine(
      (items) => unique(items.flatMap((item) => ('id' in item ? [item.id] : []))),
      'has an id twice',
    )
    .refine(
      (items) => unique(items.flatMap(({ attributes: a }) => ('label' in a ? [a.label] : []))),
      'has a label twice',
    ),
});

const issueConfig = z.strictObject({
  blank_issues_enabled: z.boolean(),
  contact_links: z
    .array(z.strictObject({ name: text, url: z.url({ protocol: /^https$/ }), about: text }))
    .optional(),
});

const patterns = z.array(text).min(1);
const group = z.strictObject({
  patterns: patterns.optional(),
  'dependency-type': z.enum(['production', 'development']).optional(),
  'update-types': z.array(z.enum(['major', 'minor', 'patch'])).optional(),
});

const update = z
  .strictObject({
    'package-ecosystem': z.enum(['npm', 'github-actions', 'docker', 'gomod']),
    directory: text.optional(),
    directories: patterns.optional(),
    schedule: z.strictObject({ interval: z.enum(['daily', 'weekly', 'monthly']) }),
    cooldown: z.strictObject({ 'default-days': z.int().min(1).max(90) }).optional(),
    'commit-message': z.strictObject({ prefix: z.string().min(1).max(50) }).optional(),
    allow: z.array(z.strictObject({ 'dependency-type': z.literal('all') })).optional(),
    groups: z.record(id, group),
  })
  .refine(
    (one) => (one.directory === undefined) !== (one.directories === undefined),
    'needs either directory or directories',
  );

const dependabot = z.strictObject({ version: z.literal(2), updates: z.array(update).min(1) });

/** One line for each mistake in `dependabot.yml`, an issue form or the `config.yml` beside it. */
export function findFormMistakes(path: string, content: string): readonly string[] {
  const document = parseDocument(content, { prettyErrors: true });
  if (document.errors.length > 0)
    return document.errors.map(({ message }) => `${path}: ${message.split('\n')[0]}`);
  const result = schemaFor(path).safeParse(document.toJS());
  return (result.error?.issues ?? []).map(
    (issue) => `${path}: /${issue.path.join('/')}: ${issue.message}`,
  );
}

function schemaFor(path: string): z.ZodType {
  switch (basename(path)) {
    case 'dependabot.yml':
      return dependabot;
    case 'config.yml':
      return issueConfig;
    default:
      return issueForm;
  }
}
