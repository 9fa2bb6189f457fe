import https from 'node:https';
import type { TlsSettings } from '../../settings/settings.ts';
import { readPemFile } from './secret-file.ts';

/** An agent, and the files that it was made of. */
interface Made {
  readonly files: TlsFiles;
  readonly agent: https.Agent;
}

interface TlsFiles {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/**
 * The agents of requests with certificates of their own. The files are read at each use, and one that
 * has been rotated makes a new agent: a connection is kept only for as long as its certificates.
 */
export class TlsAgents {
  readonly #options: https.AgentOptions;
  /** As many as there are such entries in the settings, at most. */
  readonly #made = { home: new Map<TlsSettings, Made>(), away: new Map<TlsSettings, Made>() };
  /** Those of old files that still had a request under way when their files changed. */
  #retired: readonly https.Agent[] = [];
  #isClosed = false;

  /** `options` are those of every agent. */
  constructor(options: https.AgentOptions) {
    this.#options = options;
  }

  /**
   * The agent for these settings; `away` from the origin that they are meant for, it does not show the
   * certificate of lastgood, and does not ask for the name of another. Never rejects.
   */
  async agentFor(
    tls: TlsSettings,
    where: 'home' | 'away',
  ): Promise<https.Agent | { readonly reason: string }> {
    const files = await readFiles(where === 'home' ? tls : { caFile: tls.caFile });
    if ('reason' in files) return files;
    const known = this.#made[where].get(tls);
    if (known !== undefined && isSame(known.files, files)) return known.agent;
    if (this.#isClosed) return { reason: 'aborted' };
    if (known !== undefined) this.#retire(known.agent);
    const { serverName, insecureSkipVerify } = tls;
    const name = where === 'home' && serverName !== undefined ? { servername: serverName } : {};
    const verify = insecureSkipVerify ? { rejectUnauthorized: false } : {};
    const agent = new https.Agent({ ...this.#options, ...files, ...name, ...verify });
    this.#made[where].set(tls, { files, agent });
    return agent;
  }

  close(): void {
    this.#isClosed = true;
    const made = [...this.#made.home.values(), ...this.#made.away.values()];
    for (const agent of [...made.map(({ agent }) => agent), ...this.#retired]) agent.destroy();
  }

  /** Destroyed, it would end requests under way, and that would be told as the app's fault. */
  #retire(agent: https.Agent): void {
    agent.keepSocketAlive = () => false;
    for (const idle of Object.values(agent.freeSockets).flat()) idle?.destroy();
    this.#retired = [...this.#retired, agent].filter(isBusy);
  }
}

async function readFiles({
  caFile,
  certFile,
  keyFile,
}: Partial<TlsSettings>): Promise<TlsFiles | { readonly reason: string }> {
  const texts: (string | undefined)[] = [];
  for (const path of [caFile, certFile, keyFile]) {
    const read = path === undefined ? { text: undefined } : await readPemFile(path);
    if ('reason' in read) return read;
    texts.push(read.text);
  }
  const [ca, cert, key] = texts;
  return { ca, cert, key };
}

function isSame(one: TlsFiles, other: TlsFiles): boolean {
  return one.ca === other.ca && one.cert === other.cert && one.key === other.key;
}

function isBusy({ sockets }: https.Agent): boolean {
  return Object.keys(sockets).length > 0;
}
