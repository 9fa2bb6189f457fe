import type { FastifyPluginAsync } from 'fastify';
import type { Config } from '../config.ts';
import { type ReloadRouteOptions, reloadRoute } from './reload-route.ts';

export interface LastgoodPluginOptions {
  /** What `connect` has resolved with. It is `app.config`, and closed with the app. */
  readonly config: Config<unknown>;
  /** Path of a route that shows version and state: `/health/config`. */
  readonly health?: string;
  /** An endpoint for a webhook target of lastgood, where the app reads a published directory. */
  readonly reload?: ReloadRouteOptions;
}

const plugin: FastifyPluginAsync<LastgoodPluginOptions> = async (
  app,
  { config, health, reload },
) => {
  app.decorate('config', config);
  // Not before: requests in progress use its resources.
  app.addHook('onClose', () => config.close());
  // Always 200: an app that runs on its last good version is healthy.
  if (health !== undefined) app.get(health, () => ({ version: config.version, ...config.state }));
  if (reload !== undefined) app.register(reloadRoute, { config, ...reload });
};

/** A plugin for fastify 5. */
export const lastgoodPlugin = Object.assign(plugin, {
  // What the package fastify-plugin sets, so that the whole app has `config`.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@lastgood/sdk',
  [Symbol.for('plugin-meta')]: { name: '@lastgood/sdk', fastify: '5.x' },
});
