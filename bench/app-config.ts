import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The two calls of AWS AppConfig that its clients need, with one value and without AWS.
 * Source: docs.aws.amazon.com/appconfig, "AWS AppConfig Data" of the API reference.
 */
export class AppConfig {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(value: string): Promise<AppConfig> {
    const server = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', 'application/json');
      if (request.method === 'POST') {
        response.writeHead(201).end('{"InitialConfigurationToken":"first"}');
        return;
      }
      response.setHeader('next-poll-configuration-token', 'next');
      response.setHeader('next-poll-interval-in-seconds', '60');
      response.end(value);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new AppConfig(server);
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
