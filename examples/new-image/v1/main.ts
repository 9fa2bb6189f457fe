import { serve } from '../server.ts';
import { schema } from './config.ts';

await serve('1.0.0', schema);
