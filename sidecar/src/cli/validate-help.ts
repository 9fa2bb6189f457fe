/** What `lastgood validate --help` prints. */
export const VALIDATE_HELP = `Usage: lastgood validate FILE|DIR|-... [flags]
       lastgood validate --config FILE    (the settings alone)

Runs the checks of the sidecar before a change is applied. Changes nothing.

  FILE              manifests: each ConfigMap and Secret as a pod would see it,
                    told at the manifest's lines, and the volumes of pods. Any
                    other file is checked by its name
  DIR               manifests and files, or the content of a mounted volume
  -                 standard input: kustomize build, helm template, kubectl get

Flags; with GLOB= for the files of that name only, and repeated for more:
  --schema FILE     hold what can be parsed against a schema; GLOB=FILE, but a
                    path that begins with /, ./ or ../ is FILE, = and all
  --rule CEL        a rule that must hold: self.replicas > 0; GLOB=CEL
  --format NAME     read as yaml, json, text ..., whatever the name; GLOB=NAME

  --shape-of OLD    hold it against the version that is good now, a file, DIR or
                    -, by the names of objects and files; oldSelf of rules is it
  --shape MODE      off, warn, compatible (the default) or same
  --config FILE     run the checks of these settings, of the bundles whose named
                    files are all there; schemas may stand beside the settings
  --bundle NAME     the checks of this bundle of the settings
  --at PATH         the files are those of the volume with at: PATH
  --exec            run the commands of the settings, too, on a copy of a DIR or
                    of what a manifest holds; a single file is not enough
  --secret          files and volumes hold secrets: show places, never content
                    (a manifest's Secrets are known to)
  --strict          warnings fail too
  --output NAME     human, json, github (annotations), sarif or junit

Exit codes:
  0                 good
  1                 there are errors, or with --strict warnings
  2                 wrong usage, wrong settings, or something cannot be read

Example:
  kustomize build overlays/prod | lastgood validate - --config lastgood.yaml
`;
