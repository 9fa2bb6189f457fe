import https from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import type { TlsOptions, Unusable } from './options.ts';
import { readPemFile } from './secret-file.ts';

/** An agent, and the contents of the files that it uses. */
interface CachedAgent {
  readonly files: TlsFiles;
  readonly agent: https.Agent;
}

type TlsFiles = Partial<Record<'ca' | 'cert' | 'key', string>>;

/**
 * The agents of requests with their own certificates. The files are read for each request, and a
 * rotated one makes a new agent, so that a connection lasts no longer than its certificates.
 */
export function createTlsAgents(options: https.AgentOptions) {
  /** By the settings; at most as many as the settings have. */
  const sameOrigin = new Map<TlsOptions, CachedAgent>();
  const otherOrigin = new Map<TlsOptions, CachedAgent>();
  /** Those of old files that still had a request in progress when their files changed. */
  let retired: readonly https.Agent[] = [];
  let isClosed = false;
  return {
    /**
     * The agent for these settings. For another origin than theirs, it does not present the certificate
     * of lastgood, and does not expect their server name. Never rejects.
     */
    agentFor: async (tls: TlsOptions, isSameOrigin: boolean): Promise<https.Agent | Unusable> => {
      const files = await readFiles(isSameOrigin ? tls : { caFile: tls.caFile });
      if ('reason' in files) return files;
      const cache = isSameOrigin ? sameOrigin : otherOrigin;
      const known = cache.get(tls);
      if (known !== undefined && isDeepStrictEqual(known.files, files)) return known.agent;
      if (isClosed) return { reason: 'aborted' };
      // Destroying it would end requests in progress, which would look like a fault of the app.
      if (known !== undefined) retired = [...retired, known.agent].filter(isBusy);
      const { serverName, insecureSkipVerify } = tls;
      const name = isSameOrigin && serverName !== undefined ? { servername: serverName } : {};
      const verify = insecureSkipVerify ? { rejectUnauthorized: false } : {};
      const agent = new https.Agent({ ...options, ...files, ...name, ...verify });
      cache.set(tls, { files, agent });
      return agent;
    },
    close: () => {
      isClosed = true;
      const cached = [...sameOrigin.values(), ...otherOrigin.values()];
      for (const agent of [...cached.map(({ agent }) => agent), ...retired]) agent.destroy();
    },
  };
}

async function readFiles(tls: Partial<TlsOptions>): Promise<TlsFiles | Unusable> {
  const files: TlsFiles = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const key = `${name}File` as const;
    const path = tls[key];
    if (path === undefined) continue;
    const read = await readPemFile(path, `tls.${key}`);
    if ('reason' in read) return read;
    files[name] = read.text;
  }
  return files;
}

function isBusy({ sockets }: https.Agent): boolean {
  return Object.keys(sockets).length > 0;
}
