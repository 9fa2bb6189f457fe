/**
 * A fake vLLM with one base model, that takes LoRA adapters at run time. Source: vLLM documentation,
 * LoRA Adapters, and vllm/entrypoints/openai/serving_models.py for the status of what goes wrong.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FakeServer, serveFake } from './server.ts';

export interface FakeVllm extends FakeServer {
  /** By name, what was read of each adapter. */
  readonly adapters: ReadonlyMap<string, string>;
}

export async function fakeVllm(context: TestContext): Promise<FakeVllm> {
  const adapters = new Map<string, string>();
  const error = (status: number, type: string, message: string) => ({
    status,
    body: { error: { message, type, code: status } },
  });
  const load = async (name: string, path: string) => {
    if (adapters.has(name))
      return error(400, 'InvalidUserInput', `The lora adapter '${name}' has already been loaded.`);
    const text = await readFile(join(path, 'adapter_config.json'), 'utf8').catch(() => undefined);
    if (text === undefined) return error(404, 'NotFoundError', `No adapter found for ${path}`);
    const { r } = JSON.parse(text) as { r: number };
    if (r > 16) return error(400, 'BadRequestError', `LoRA rank ${r} is greater than 16.`);
    adapters.set(name, text);
    return { status: 200, body: `Success: LoRA adapter '${name}' added successfully.` };
  };
  const server = await serveFake(context, async ({ method, path, body }) => {
    if (method === 'GET' && path === '/v1/models') {
      const names = ['base', ...adapters.keys()];
      const data = names.map((id) => ({ id, object: 'model', owned_by: 'vllm' }));
      return { status: 200, body: { object: 'list', data } };
    }
    if (method !== 'POST') return { status: 405, body: { detail: 'Method Not Allowed' } };
    const { lora_name: name, lora_path: place = '' } = JSON.parse(body);
    if (path === '/v1/load_lora_adapter') return load(name, place);
    if (path !== '/v1/unload_lora_adapter') return { status: 404, body: { detail: 'Not Found' } };
    if (!adapters.delete(name))
      return error(404, 'NotFoundError', `The lora adapter '${name}' cannot be found.`);
    return { status: 200, body: `Success: LoRA adapter '${name}' removed successfully.` };
  });
  return { ...server, adapters };
}
