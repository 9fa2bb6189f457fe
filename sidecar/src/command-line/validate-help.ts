/** What `lastgood validate --help` prints. */
export const VALIDATE_HELP = `Usage: lastgood validate FILE|DIR|-... [flags]

Runs the checks of the sidecar before a change is applied. Changes nothing.

  FILE              Kubernetes manifests, YAML or JSON: each ConfigMap and
                    Secret is checked as a pod would see it, with findings at
                    the manifest's lines, and pods' volumes are held against it.
                    Any other file is checked by its name.
  DIR               manifests and files, or the content of a mounted volume
  -                 standard input: kustomize build, helm template, kubectl get

Flags:
  --config FILE     run the checks of these settings; of several bundles, those
                    whose named files are all there. A schema that is not at its
                    path is looked for beside the settings
  --bundle NAME     the checks of this bundle of the settings
  --schema FILE     hold every file that can be parsed against a JSON Schema;
                    GLOB=FILE: the files of that name only. May be repeated
  --format NAME     read files as yaml, json or text, whatever their names;
                    GLOB=NAME: the files of that name only. May be repeated
  --secret          files and volumes hold secrets: show places, never content
                    (a manifest's Secrets are known to)
  --strict          warnings fail too
  --output NAME     human, json, github (annotations), sarif or junit
                    (default: human, in colours on a terminal)

Exit codes:
  0                 good
  1                 there are errors, or with --strict warnings
  2                 wrong usage, wrong settings, or something cannot be read

Examples:
  lastgood validate configmap.yaml --schema config.yaml=model.schema.json
  kustomize build overlays/prod | lastgood validate - --config lastgood.yaml
  helm template chart | lastgood validate - --output github
`;
