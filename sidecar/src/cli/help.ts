import { COMMANDS, type CommandName, DEFAULT_CONFIG } from './commands.ts';
import { EXPLAIN_HELP } from './explain-help.ts';
import { SCHEMA_CHECK_HELP, SCHEMA_INFER_HELP } from './schema-help.ts';
import { VALIDATE_HELP } from './validate-help.ts';

/** What `lastgood --help` prints, and with the name of a command, what its own `--help` does. */
export function helpText(about: CommandName = 'run'): string {
  return COMMAND_HELP[about] ?? mainHelp();
}

const COMMAND_HELP: Partial<Record<CommandName, string>> = {
  validate: VALIDATE_HELP,
  'schema infer': SCHEMA_INFER_HELP,
  'schema check': SCHEMA_CHECK_HELP,
  explain: EXPLAIN_HELP,
};

function mainHelp(): string {
  return `Usage: lastgood [--config FILE] [--once]
       lastgood COMMAND [ARGUMENT...]
       lastgood --volume-dir DIR --webhook-url URL  (as configmap-reload)
       lastgood --config-file FILE ...     (as prometheus-config-reloader)

Watches the configuration volumes of a pod, proves each change, publishes it,
tells the app, waits for proof that the app runs on it, and puts the last good
one back where that proof does not come.

Commands:
${named.map(({ name, summary }) => `  ${name.padEnd(18)}${summary}\n`).join('')}
Flags:
  --config FILE     the settings (default: LASTGOOD_CONFIG, else
                    ${DEFAULT_CONFIG})
  --once            capture, validate, publish, and end: for an init container
  -h, --help        print this text, or that of the command named before it
  --version         print the version

Paths, unless the settings say otherwise:
  /lastgood/state   journal and last good; an emptyDir or a PVC
  :9533             /metrics /healthz /readyz /status

Exit codes:
  0                 done
  1                 failed, or the configuration is invalid
  2                 wrong usage or wrong settings

Example:
  lastgood --config ./lastgood.yaml --once
`;
}

const named = COMMANDS.filter(({ name }) => name !== 'run');
