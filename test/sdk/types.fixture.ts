/** Types that an app infers. It compiles, or the test is red. */
import { connect, type Secret, secret } from '@lastgood/sdk';
import { createTestBundle } from '@lastgood/sdk/testing';
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

const plain = await bundle.connect({ file });
expectSame<typeof plain.current, unknown>(true);

// @ts-expect-error a value is never written
fromZod.current = { name: '', batch_size: 1 };
// @ts-expect-error one of file and keys is a text
await bundle.connect({ file: 5 });
// @ts-expect-error a schema is a Standard Schema
await bundle.connect({ file, schema: { type: 'object' } });
