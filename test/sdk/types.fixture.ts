/** Types that an app infers. It compiles, or the test is red. */
import { type ChangeOf, type Config, connect, type Secret, secret, type View } from '@lastgood/sdk';
import { createTestBundle } from '@lastgood/sdk/testing';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

function expectSame<A, B>(_same: Equal<A, B>): void {}

interface Model {
  name: string;
  batch_size: number;
}

const zodModel = z.object({ name: z.string(), batch_size: z.coerce.number() });
const valibotModel = v.object({
  name: v.string(),
  batch_size: v.pipe(v.string(), v.transform(Number)),
});
const arktypeModel = type({ name: 'string', batch_size: 'string.numeric.parse' });

const bundle = createTestBundle({ 'model.yaml': '' });
const file = 'model.yaml';

const fromZod = await bundle.connect({ file, schema: zodModel });
expectSame<typeof fromZod.current, Model>(true);
fromZod.onChange((next, previous, { changed }) => {
  expectSame<[typeof next, typeof previous, typeof changed], [Model, Model, readonly string[]]>(
    true,
  );
});
// Whatever a listener returns is ignored.
fromZod.onChange(({ name }) => name.length);
const resource = await fromZod.resource({
  select: ({ name }) => name,
  open: async (name, { signal }) => ({ name, signal }),
  close: ({ name }) => name,
});
const used = await resource.use(({ signal }) => signal.aborted);
expectSame<typeof used, boolean>(true);

const fromValibot = await bundle.connect({ file, schema: valibotModel });
expectSame<typeof fromValibot.current, Model>(true);

const fromArktype = await bundle.connect({ file, schema: arktypeModel });
expectSame<typeof fromArktype.current, Model>(true);
const keys = await fromArktype.view({ keys: 'db', schema: arktypeModel });
expectSame<typeof keys.current, Model>(true);

const sealed = await connect({ keys: 'db', schema: secret(zodModel) });
expectSame<typeof sealed.current.batch_size, Secret<number>>(true);
const sealedValibot = await fromZod.view({ keys: 'db', schema: secret(valibotModel) });
expectSame<
  typeof sealedValibot,
  View<{ readonly name: Secret<string>; readonly batch_size: Secret<number> }>
>(true);
const sealedArktype = await fromZod.view({ keys: 'db', schema: secret(arktypeModel) });
expectSame<ReturnType<typeof sealedArktype.current.batch_size.reveal>, number>(true);
const optional = z.object({ token: z.string().optional(), hosts: z.array(z.string()) });
const sealedParts = await connect({ keys: 'db', schema: secret(optional) });
expectSame<typeof sealedParts.current.token, Secret<string> | undefined>(true);
expectSame<typeof sealedParts.current.hosts, readonly Secret<string>[]>(true);
// @ts-expect-error only `reveal` gives the value
sealed.current.name satisfies string;

// The value is the output: with defaults and conversions, each variant of a union by itself.
const union = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: z.string() }),
  z.object({ kind: z.literal('url'), url: z.string().transform((url) => new URL(url)) }),
]);
const { current: variant } = await bundle.connect({ file, schema: union });
if (variant.kind === 'url') expectSame<typeof variant.url, URL>(true);
const withDefault = v.object({ port: v.optional(v.number(), 80) });
const port = await bundle.connect({ file, schema: withDefault });
expectSame<typeof port.current.port, number>(true);
const ark = type({ level: "'debug' | 'info'", 'port?': 'number', ratio: 'number = 1' });
const level = await bundle.connect({ file, schema: ark });
expectSame<typeof level.current, { level: 'debug' | 'info'; port?: number; ratio: number }>(true);
// An adapter for JSON Schema changes no type.
const adapted = await bundle.connect({ file, schema: toStandardJsonSchema(valibotModel) });
expectSame<typeof adapted.current, Model>(true);

fromValibot.prepare((next, { previous, signal }) => {
  expectSame<[typeof next, typeof previous, typeof signal], [Model, Model, AbortSignal]>(true);
  return { commit: () => next.name.length };
});
fromValibot.prepare(async () => {});
fromArktype.needsRestart(({ name, batch_size }) => [name, batch_size]);
for await (const change of fromArktype.changes()) expectSame<typeof change, ChangeOf<Model>>(true);
const ran = fromArktype.run(async () => fromArktype.current.batch_size);
expectSame<typeof ran, Promise<number>>(true);
const pool = await fromArktype.resource({
  select: ({ batch_size }) => ({ size: batch_size }),
  open: ({ size }) => new Array<string>(size),
  check: ({ size }) => expectSame<typeof size, number>(true),
  swap: 'replace',
});
using lease = await pool.acquire();
expectSame<typeof lease.value, string[]>(true);
// A function for any configuration takes each of them.
const anyConfig: Config<unknown> = fromZod;
await anyConfig.close();

const plain = await bundle.connect({ file });
expectSame<typeof plain.current, unknown>(true);

// @ts-expect-error a value is never written
fromZod.current = { name: '', batch_size: 1 };
// @ts-expect-error one of file and keys is a text
await bundle.connect({ file: 5 });
// @ts-expect-error a part of another type
await fromZod.resource({ select: ({ name }) => name, open: (name: number) => name });
// @ts-expect-error the configuration has no such part
fromArktype.onChange(() => {}, { select: ({ nmae }) => nmae });
// @ts-expect-error what `prepare` returns has `commit` and `abort`
fromZod.prepare(() => ({ comit: () => {} }));
// @ts-expect-error a schema is a Standard Schema
await bundle.connect({ file, schema: { type: 'object' } });
