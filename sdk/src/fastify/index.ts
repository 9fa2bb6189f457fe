/** The configuration as a part of a fastify app. */
import '../node-version.ts';

export { type LastgoodPluginOptions, lastgoodPlugin } from './plugin.ts';
export type { ReloadRouteOptions } from './reload-route.ts';
