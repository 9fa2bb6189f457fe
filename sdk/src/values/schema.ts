import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Sealed, seal } from './secret.ts';

/** A schema for secret files: it sees plain values, and each leaf of its output becomes a `Secret`. */
class SecretSchema<Schema extends StandardSchemaV1>
  implements StandardSchemaV1<Input<Schema>, Sealed<Output<Schema>>>
{
  readonly inner: Schema;
  readonly '~standard': StandardSchemaV1.Props<Input<Schema>, Sealed<Output<Schema>>>;

  constructor(inner: Schema) {
    this.inner = inner;
    this['~standard'] = {
      version: 1,
      vendor: 'lastgood',
      validate: async (value) => {
        const { issues, value: output } = await validate(inner, value);
        return issues ? { issues } : { value: seal(output) as Sealed<Output<Schema>> };
      },
    };
  }
}

type Input<Schema extends StandardSchemaV1> = StandardSchemaV1.InferInput<Schema>;
type Output<Schema extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Schema>;

/**
 * The schema of a view that shows secret files: `secret(z.object({ password: z.string() }))` gives
 * `{ password: Secret<string> }`. The schema itself sees the plain values.
 *
 * @example
 * ```ts
 * import { connect, secret } from '@lastgood/sdk';
 * import { z } from 'zod';
 *
 * const schema = secret(z.object({ username: z.string(), password: z.string() }));
 * const db = await connect({ keys: 'db', schema });
 * console.log(`${db.current.password}`); // [secret]
 * console.log(db.current.password.reveal());
 * ```
 */
export function secret<Schema extends StandardSchemaV1>(
  schema: Schema,
): StandardSchemaV1<Input<Schema>, Sealed<Output<Schema>>> {
  return new SecretSchema(schema);
}

/** A schema for plain values, and whether to seal its output. */
export function unwrapSchema(schema: StandardSchemaV1): {
  readonly plain: StandardSchemaV1;
  readonly isSecret: boolean;
} {
  if (!(schema instanceof SecretSchema)) return { plain: schema, isSecret: false };
  return { plain: unwrapSchema(schema.inner).plain, isSecret: true };
}

/** The output of a schema, or what it finds wrong. */
interface Result {
  readonly issues?: readonly StandardSchemaV1.Issue[] | undefined;
  readonly value?: unknown;
}

/** Rejects if the schema throws, and with a {@link Timeout} if it does not answer. */
export async function validateInTime(
  schema: StandardSchemaV1,
  value: unknown,
  timeoutMs: number,
): Promise<Result> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Timeout()), timeoutMs);
  // A schema must not keep an app alive.
  timer.unref();
  try {
    return await Promise.race([validate(schema, value), timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export class Timeout extends Error {}

async function validate(schema: StandardSchemaV1, value: unknown): Promise<Result> {
  if (isZod(schema)) {
    const { error, data } = await schema.safeParseAsync(value);
    return { issues: error?.issues, value: data };
  }
  return schema['~standard'].validate(value) as Result | Promise<Result>;
}

interface Zod extends StandardSchemaV1 {
  safeParseAsync(value: unknown): Promise<{
    readonly data?: unknown;
    readonly error?: { readonly issues: readonly StandardSchemaV1.Issue[] };
  }>;
}

/**
 * zod's own `validate` first tries without promises, and drops the promise of an asynchronous check. If
 * that one rejects, the app would end of an unhandled rejection.
 */
function isZod(schema: StandardSchemaV1): schema is Zod {
  return schema['~standard'].vendor === 'zod' && 'safeParseAsync' in schema;
}
