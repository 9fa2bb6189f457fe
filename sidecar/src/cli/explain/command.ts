import { defineCommand, wrongUsage } from '../command.ts';

export const explain = defineCommand({
  name: 'explain',
  summary: "Print another reloader's flags as settings",
  usage: ['explain FLAG...'],
  description: `Print the command line of another reloader as settings for lastgood --config.
    Starts nothing. Replaces each password with a comment that says where to put it.`,
  operands: {
    FLAG: `The flags in your pod: those of configmap-reload (--volume-dir, --webhook-url ...) with
      --schema, --shape, --publish, --hmac-key-file of lastgood; or those of
      prometheus-config-reloader (--config-file, --watched-dir, --reload-url ...) with --validate,
      --schema of lastgood`,
  },
  flags: {},
  exitCodes: { 0: 'Success', 1: 'A flag that the reloader requires is missing', 2: 'Wrong usage' },
  examples: ['lastgood explain --volume-dir=/config --webhook-url=http://localhost:8080/'],
  isForeign: true,
  wrongUsage: ({ operands }) =>
    operands.length === 0 ? 'explain needs the command line of another reloader' : undefined,
  run: async ({ operands }, { env }) => {
    const { RELOADERS, detectByFlags } = await import('../../compat/detect.ts');
    const reloader = detectByFlags(operands);
    if (reloader === undefined) {
      const names = RELOADERS.map(({ name }) => name).join(' or ');
      return wrongUsage(`these are not flags of ${names}`);
    }
    const request = reloader.read(operands, env);
    if ('exitCode' in request) return request;
    const { explainFlags } = await import('./explain.ts');
    return explainFlags(reloader, request);
  },
});
