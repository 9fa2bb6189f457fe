import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** What must not come out: of the settings and their files, of a volume or an app, of the environment. */
export const SECRETS = {
  credential: 'hunter2credential',
  content: 'hunter2content',
  variable: 'hunter2variable',
} as const;

/** How an app treats the version with this mode, in a file `mode` or as a key. */
export type Mode =
  | 'ok'
  | 'invalid'
  | 'broken'
  | 'unprepared'
  | 'refused'
  | 'fault'
  | 'redirect'
  | 'reset'
  | 'unwell';

/** The secrets that a text contains, in plain text or in base64 at any offset. */
export function leaksIn(text: string): string[] {
  return Object.entries(SECRETS)
    .filter(([, secret]) => [secret, ...base64Of(secret)].some((each) => text.includes(each)))
    .map(([name]) => name);
}

/** All secrets, as programs quote them; the last one is cut in the middle. */
export const ALL_FORMS = [
  ...Object.values(SECRETS),
  ...Object.values(SECRETS).map((secret) => `x${secret}y`),
  Buffer.from(`user:${SECRETS.credential}`).toString('base64'),
  Buffer.from(`token=${SECRETS.content}`).toString('base64url'),
  `padding${'.'.repeat(55)}${SECRETS.content}`,
].join(' ');

/** The base64 digits that do not depend on the text before and after. */
function base64Of(secret: string): string[] {
  return [0, 1, 2].map((offset) => {
    const digits = Buffer.from(`${' '.repeat(offset)}${secret}`).toString('base64url');
    return digits.slice(offset === 0 ? 0 : 4, -4);
  });
}

export interface Received {
  /** The first part of the path. */
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** An app that quotes all that it was sent and knows, and treats a version as its mode says. */
export class TellTale {
  readonly requests: Received[] = [];
  readonly #dir: string;
  readonly #http: http.Server;
  readonly #net: net.Server;

  private constructor(dir: string) {
    this.#dir = dir;
    this.#http = http.createServer((request, response) => void this.#answer(request, response));
    this.#net = net.createServer((socket) => this.#say(socket));
  }

  /** `dir` is that of the pod: it reads `live` there, and listens at a socket. */
  static async create(t: TestContext, dir: string): Promise<TellTale> {
    const app = new TellTale(dir);
    await new Promise<void>((resolve) => app.#http.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => app.#net.listen(app.socket.path, resolve));
    t.after(() => app.leave());
    return app;
  }

  /** A URL with a credential wherever a URL can have one. */
  url(path: string): string {
    const { credential } = SECRETS;
    return `${this.bareUrl(path).replace('//', `//user:${credential}@`)}?token=${credential}#${credential}`;
  }

  bareUrl(path: string): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/${path}`;
  }

  get socket() {
    const [path, success, refused] = [join(this.#dir, 'app.sock'), '^yes', '^no'];
    return { path, success, refused, send: 'reload' };
  }

  /** Closes the app's servers. */
  async leave(): Promise<void> {
    this.#http.closeAllConnections();
    for (const server of [this.#http, this.#net])
      if (server.listening) await new Promise((resolve) => server.close(resolve));
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { headers, url = '' } = request;
    let body = '';
    for await (const chunk of request) body += chunk;
    const path = new URL(url, 'http://localhost').pathname.slice(1);
    this.requests.push({ path, headers, body });
    const said = JSON.stringify({
      reason: path === 'plain' ? ALL_FORMS : `this is ${SECRETS.content} of ${SECRETS.variable}`,
      said: SECRETS.content,
      url,
      headers,
      body,
      SECRETS,
    });
    if (request.method === 'GET') return void response.end(this.#health(path, said));
    const { event, bundle } = JSON.parse(body) as { event: string; bundle: string };
    const mode = event === 'prepare' ? dryRunMode(body) : this.#mode(bundle);
    if (path === 'other') return void response.end(said);
    if (mode === 'reset') return void response.socket?.destroy();
    if (mode === 'redirect') {
      const { credential } = SECRETS;
      response.setHeader('location', `ftp://user:${credential}@elsewhere/${credential}`);
    }
    response.writeHead(STATUSES[mode] ?? 200, { 'retry-after': '0' }).end(said);
  }

  /** What the confirmation of the bundle `bearer` reads, and that of `basic`. */
  #health(path: string, said: string): string {
    const bundle = HEALTH_OF[path];
    const isUnwell = this.#mode(bundle ?? 'basic') === 'unwell';
    if (bundle !== undefined) return isUnwell ? said.replace('"said":"', '"said":"not ') : said;
    const { content } = SECRETS;
    return `# HELP app_ok ${content}\napp_ok{said="${content}"} ${isUnwell ? '2' : '1'}\n`;
  }

  #say(socket: net.Socket): void {
    socket.on('error', () => {});
    socket.once('data', () => {
      const mode = this.#mode('socket');
      if (mode === 'reset') return void socket.destroy();
      const word = mode === 'ok' ? 'yes' : mode === 'refused' ? 'no' : 'maybe';
      socket.end(`${word}, ${SECRETS.content}\n`);
    });
  }

  /** As the bundle's published directory has it. */
  #mode(bundle: string): Mode {
    return modeIn(join(this.#dir, 'live', bundle));
  }
}

/** The bundle that is confirmed by a path with JSON. */
const HEALTH_OF: Partial<Record<string, string>> = { health: 'bearer', 'plain-health': 'plain' };

const STATUSES: Partial<Record<Mode, number>> = {
  unprepared: 422,
  refused: 422,
  fault: 500,
  redirect: 307,
};

/** A dry run refuses only `unprepared`; the other modes show when the app is notified. */
function dryRunMode(body: string): Mode {
  const { dir } = JSON.parse(body) as { dir: string };
  return modeIn(dir) === 'unprepared' ? 'unprepared' : 'ok';
}

function modeIn(dir: string): Mode {
  const path = join(dir, 'config.yaml');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return (/^mode: (.*)$/m.exec(text)?.[1] ?? 'ok') as Mode;
}
