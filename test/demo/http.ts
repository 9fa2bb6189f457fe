import { DEADLINE_MS } from '../deadline.ts';

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** GETs, or POSTs `send` as JSON. Rejects without an answer, or with one that is not JSON. */
export async function ask<Body>(url: string, send?: unknown): Promise<Answer<Body>> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const post = send === undefined ? {} : { method: 'POST', body: JSON.stringify(send) };
  const response = await fetch(url, { ...post, signal });
  return { status: response.status, body: (await response.json()) as Body };
}

/** The status of a GET; undefined without an answer. */
export async function statusOf(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}
