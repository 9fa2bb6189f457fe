import type { FastifyPluginAsync } from 'fastify';
import type { Config } from '../config.ts';
import { type ReloadRouteOptions, reloadRoute } from './reload-route.ts';

/** The options of {@link lastgoodPlugin}. */
export interface LastgoodPluginOptions {
  /** The result of `connect`. It becomes `app.config`, and closes with the app. */
  readonly config: Config<unknown>;
  /** Path of a route that shows version and state as JSON: `/health/config`. Always 200. Default: no route. */
  readonly health?: string;
  /** An endpoint for a webhook target of lastgood, for an app that reads a published directory. Default: no endpoint. */
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

/**
 * A plugin for fastify 5: `app.config`, a route for its state, and the endpoint of a webhook target.
 *
 * @example
 * ```ts
 * import { connect } from '@lastgood/sdk';
 * import { lastgoodPlugin } from '@lastgood/sdk/fastify';
 * import { fastify } from 'fastify';
 *
 * const config = await connect({ directory: 'config', file: 'config.yaml' });
 * const app = fastify();
 * await app.register(lastgoodPlugin, { config, health: '/health/config' });
 * ```
 */
export const lastgoodPlugin: FastifyPluginAsync<LastgoodPluginOptions> = Object.assign(plugin, {
  // What the package fastify-plugin sets, so that the whole app has `config`.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@lastgood/sdk',
  [Symbol.for('plugin-meta')]: { name: '@lastgood/sdk', fastify: '5.x' },
});
