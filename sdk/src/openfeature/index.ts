/** Feature flags of a file, behind OpenFeature's API. */
export { LastgoodProvider, type LastgoodProviderOptions } from './lastgood-provider.ts';
