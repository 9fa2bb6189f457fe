import { serve } from '../server.ts';
import { schema } from './config.ts';

await serve('2.0.0', schema);
