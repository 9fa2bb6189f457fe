import { Child } from './child.ts';
import { type Answer, ask } from './http.ts';
import { APP } from './pod.ts';

/** What the demo asks the app. */
export const TEXT = 'a lovely, fast phone';

/** What the example app answers to `POST /predict`. */
export interface Prediction {
  readonly label: string;
  readonly model: { readonly checkpoint: string };
  readonly config: { readonly version: string | null };
}

/** And to `GET /health`. */
export interface Health {
  readonly status: string;
  readonly config: { readonly version: string | null };
}

/** The running example app. */
export class App {
  readonly child: Child;
  readonly url: string;

  /** Waits until it listens. */
  static async start(child: Child, port: number): Promise<App> {
    await child.find('its port', (line) => line.includes('listening on port') || undefined);
    return new App(child, `http://127.0.0.1:${port}`);
  }

  static spawn(configDir: string, port: number): Child {
    const address = ['--host', '127.0.0.1', '--port', String(port)];
    return new Child('the app', [APP, '--config-dir', configDir, ...address]);
  }

  /** The child need only have its log. */
  constructor(child: Child, url: string) {
    this.child = child;
    this.url = url;
  }

  predict(): Promise<Answer<Prediction>> {
    return ask(`${this.url}/predict`, { text: TEXT });
  }

  health(): Promise<Answer<Health>> {
    return ask(`${this.url}/health`);
  }
}

/** What of a version people see. The app names the whole one only after a reload. */
export function shortVersion(version: string | null): string {
  return (version ?? 'none').replace(/^sha256:/, '').slice(0, 12);
}
