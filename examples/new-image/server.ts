import { createServer } from 'node:http';
import { connect } from '@lastgood/sdk';
import type { ZodType } from 'zod';

/** Answers each request with the release and the configuration. */
export async function serve(release: string, schema: ZodType): Promise<void> {
  const config = await connect({ file: 'config.yaml', schema }).catch(({ message }: Error) => {
    // For the termination message of the container, without a stack.
    process.stderr.write(`${message}\n`);
    process.exit(1);
  });
  const server = createServer((_request, response) => {
    response.end(`${JSON.stringify({ release, config: config.current })}\n`);
  });
  server.listen(8080);
  process.once('SIGTERM', () => {
    server.close();
    void config.close();
  });
}
