/** What `lastgood schema infer --help` prints. */
export const SCHEMA_INFER_HELP = `Usage: lastgood schema infer FILE|DIR... [flags]

Learns a JSON Schema from configuration that is known to be good: it refuses a
wrong type, a missing key and a misspelt key, and lets the next ordinary edit
pass. The schema holds no value, so it may be learnt from a Secret.

  FILE              an example; several files, and all documents of one, are
                    examples of one kind and give one schema
                    of a manifest, the content of its ConfigMaps and Secrets
  DIR               gives a schema for each of its files; of several, such as
                    one for each stage, files of one name are examples

Flags:
  --keys            a directory is one example and each of its files a key, as
                    in a volume that holds a value in each file
  --open            allow keys that no example has
  --secret          the files hold secrets: show places, never content
  --format NAME     read files as yaml, json, toml ..., whatever their names
  --output DIR      write each schema into DIR as NAME.schema.json; without it,
                    one schema goes to standard output
  --force           overwrite what is there

Exit codes:
  0                 done
  1                 a file is wrong, and gives no schema
  2                 wrong usage, or something cannot be read or written

Examples:
  lastgood schema infer config.yaml > model.schema.json
  lastgood schema infer staging/ production/ --output schemas
`;

/** What `lastgood schema check --help` prints. */
export const SCHEMA_CHECK_HELP = `Usage: lastgood schema check FILE... [flags]

Tells every reason why a JSON Schema (2020-12 or draft-07) cannot be used, and
warns of what its author hardly means. Files that a $ref names are checked too.

Flags:
  --strict          warnings fail too
  --output NAME     human, json, github (annotations), sarif or junit
                    (default: human, in colours on a terminal)

Exit codes:
  0                 good
  1                 it cannot be used; with --strict, or there are warnings
  2                 wrong usage, or a file cannot be read

Example:
  lastgood schema check schemas/*.json --strict
`;
