import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { messageOf } from '../client/guard.ts';
import type { Config, State } from '../config.ts';
import { isSigned, readKey } from './signature.ts';

/** The endpoint of a webhook target. docs/targets.md#webhook describes the other side. */
export interface ReloadRouteOptions {
  /** The path in the `url` of the target: `/admin/reload`. */
  readonly path: string;
  /**
   * The file of `auth.hmac.keyFile` of the target, read for each request. Default: none, and anyone who reaches the port
   * can cause a reload.
   */
  readonly keyFile?: string;
}

/** An answer that is not `accepted`. Source: docs/targets.md, docs/webhook-protocol.md. */
interface Refusal {
  readonly status: number;
  readonly reason: string;
}

const REFUSED = 422;
/** lastgood tries again. */
const FAULT = 503;

/**
 * The endpoint of a webhook target, in a separate scope, as its bodies stay bytes. A request that is sent
 * again is harmless: it reads what is in the directory.
 */
export const reloadRoute: FastifyPluginAsync<
  ReloadRouteOptions & { readonly config: Config<unknown> }
> = async (scope, { config, path, keyFile }) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  scope.post(path, async (request, reply) => {
    const refusal =
      (await checkSignature(request, keyFile)) ??
      checkEvent(bodyOf(request)) ??
      refusalOf(await config.reload());
    if (refusal !== undefined) return send(reply, refusal);
    return { version: config.version };
  });
};

function send(reply: FastifyReply, { status, reason }: Refusal): FastifyReply {
  return reply.code(status).send({ reason });
}

async function checkSignature(
  request: FastifyRequest,
  keyFile: string | undefined,
): Promise<Refusal | undefined> {
  if (keyFile === undefined) return undefined;
  try {
    // For each request, as lastgood does: the key may be rotated.
    const key = await readKey(keyFile);
    const header = request.headers['lastgood-signature'];
    if (isSigned(header, bodyOf(request), key, Date.now())) return undefined;
  } catch (error) {
    return { status: FAULT, reason: messageOf(error) };
  }
  return { status: 401, reason: 'the signature is missing, wrong or older than 5 minutes' };
}

function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** A webhook may have another body or none. A dry run would be answered for the wrong version. */
function checkEvent(body: Buffer): Refusal | undefined {
  try {
    const { event } = JSON.parse(body.toString());
    if (event !== 'prepare') return undefined;
  } catch {
    return undefined;
  }
  const reason = 'this endpoint takes no dry runs: list it under targets, not under prepare';
  return { status: 400, reason };
}

function refusalOf({ status, reason = status, rejected }: State): Refusal | undefined {
  if (status === 'ok') return undefined;
  const isRefused = rejected !== undefined || status === 'pending-restart';
  return { status: isRefused ? REFUSED : FAULT, reason };
}
