/** What `lastgood explain --help` prints. */
export const EXPLAIN_HELP = `Usage: lastgood explain FLAG...

Prints what the command line of another reloader stands for, as settings that
lastgood --config takes. Starts nothing. Passwords are not printed: a comment
says where to put them.

  FLAG              the flags as they stand in the pod:
                    of configmap-reload: --volume-dir --webhook-url ...
                    and of lastgood's own: --schema --shape --publish
                    --hmac-key-file
                    of prometheus-config-reloader: --config-file
                    --config-envsubst-file --watched-dir --reload-url ...
                    and of lastgood's own: --validate --schema

Exit codes:
  0                 done
  1                 a flag is missing that the reloader asks for
  2                 wrong usage

Example:
  lastgood explain --volume-dir=/config --webhook-url=http://localhost:8080/
`;
