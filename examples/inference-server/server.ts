import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readConfig } from './config.ts';
import { checkModel, loadModel, type Model, TextTooLong } from './model.ts';

export interface ServerOptions {
  /** The directory that holds `config.yaml`. */
  readonly dir: string;
  /** The devices of this node. */
  readonly devices: readonly string[];
  readonly log: (line: string) => void;
}

/** What is answered: a status and a JSON body. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The fields of lastgood's events that this server needs. Source: lastgood docs/webhook-protocol.md. */
interface ReloadEvent {
  readonly version: string;
}

interface PrepareEvent {
  /** The directory with the copy to check. */
  readonly dir: string;
}

const ENDPOINTS = ['POST /predict', 'GET /health', 'POST /admin/validate', 'POST /admin/reload'];

const MAX_BODY_BYTES = 64 * 1024;

/** Serves one model, and replaces it when lastgood delivers a new configuration. */
export class InferenceServer {
  readonly #options: ServerOptions;
  readonly #http: Server;
  /** Read it once per request: a reload may replace it meanwhile. */
  #model: Model;
  #reloading: Promise<unknown> = Promise.resolve();
  #phase: 'serving' | 'stopping' = 'serving';

  /** Loads the first model. Rejects when it cannot: an app should not start on half a configuration. */
  static async create(options: ServerOptions): Promise<InferenceServer> {
    const model = loadModel(await readConfig(options.dir), options.devices);
    return new InferenceServer(options, model);
  }

  private constructor(options: ServerOptions, model: Model) {
    this.#options = options;
    this.#model = model;
    this.#http = createServer((request, response) => void this.#respond(request, response));
    options.log(`loaded ${describe(model)}`);
  }

  /** The port that it listens on: of port 0, the one that the system chose. */
  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** Begins to listen. Rejects when the address is taken. */
  async listen(port: number, host?: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#http.once('error', reject).listen({ port, host }, resolve);
    await promise;
  }

  /** Answers the requests that have arrived, then ends. */
  async stop(): Promise<void> {
    this.#phase = 'stopping';
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#http.close(() => resolve());
    await promise;
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#answer(request).catch((error: unknown): Answer => {
      this.#options.log(`unexpected: ${reasonOf(error)}`);
      return { status: 500, body: { error: 'internal error' } };
    });
    // Keep-alive connections would hold up the stop.
    if (this.#phase === 'stopping') response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    switch (`${request.method} ${request.url}`) {
      case 'GET /health':
        return this.#health();
      case 'POST /predict':
        return this.#predict(await bodyOf(request));
      case 'POST /admin/validate':
        return this.#validate(await bodyOf(request));
      case 'POST /admin/reload':
        return this.#inTurn(async () => this.#reload(await bodyOf(request)));
      default:
        return { status: 404, body: { error: `there are ${ENDPOINTS.join(', ')}` } };
    }
  }

  #health(): Answer {
    const config = { version: this.#model.version };
    return this.#phase === 'serving'
      ? { status: 200, body: { status: 'ok', config } }
      : { status: 503, body: { status: 'stopping', config } };
  }

  #predict(body: unknown): Answer {
    const text = fieldOf(body, 'text');
    if (text === undefined) return { status: 400, body: { error: 'send {"text": "…"}' } };
    const model = this.#model;
    const { name, checkpoint, device, version } = model;
    try {
      const prediction = model.predict(text);
      const served = { model: { name, checkpoint, device }, config: { version } };
      return { status: 200, body: { ...prediction, ...served } };
    } catch (error) {
      if (!(error instanceof TextTooLong)) throw error;
      return { status: 413, body: { error: error.message } };
    }
  }

  /** A dry run: may refuse before anything is published, and changes nothing. */
  async #validate(body: unknown): Promise<Answer> {
    const dir = fieldOf(body, 'dir' satisfies keyof PrepareEvent);
    if (dir === undefined) return { status: 400, body: { reason: 'this is no prepare event' } };
    try {
      checkModel(await readConfig(dir));
      return { status: 200, body: { status: 'valid' } };
    } catch (error) {
      return { status: 422, body: { reason: reasonOf(error) } };
    }
  }

  /** Loads the new model beside the old one; only when that has worked is it swapped in. */
  async #reload(body: unknown): Promise<Answer> {
    const { dir, devices, log } = this.#options;
    // Other reloaders send no event. The version is then in the name of the published directory.
    const sent = fieldOf(body, 'version' satisfies keyof ReloadEvent);
    if (body !== undefined && sent === undefined)
      return { status: 400, body: { reason: 'this is no reload event' } };
    try {
      this.#model = loadModel(await readConfig(dir, sent), devices);
      log(`loaded ${describe(this.#model)}`);
      const { version } = this.#model;
      return { status: 200, body: { status: 'reloaded', config: { version } } };
    } catch (error) {
      const reason = reasonOf(error);
      log(`refused the new config: ${reason}; still on ${describe(this.#model)}`);
      return { status: 422, body: { reason } };
    }
  }

  /** One reload after the other, also when a restarted sidecar asks while an older one is answered. */
  #inTurn(work: () => Promise<Answer>): Promise<Answer> {
    const result = this.#reloading.then(work, work);
    this.#reloading = result;
    return result;
  }
}

/** The JSON body; undefined when it is none. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function fieldOf(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value: unknown = Reflect.get(body, name);
  return typeof value === 'string' ? value : undefined;
}

function describe({ name, checkpoint, device, version }: Model): string {
  return `${name} (${checkpoint} on ${device}) with config ${shortVersion(version)}`;
}

function shortVersion(version: string | null): string {
  return version === null ? 'of no version' : version.replace(/^sha256:/, '').slice(0, 12);
}

/** On one line: below its first, the YAML parser shows the place in the file. */
function reasonOf(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return first;
}
