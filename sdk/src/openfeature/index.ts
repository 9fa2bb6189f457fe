/** Feature flags of a file, behind OpenFeature's API. */
import '../node-version.ts';

export { LastgoodProvider, type LastgoodProviderOptions } from './lastgood-provider.ts';
