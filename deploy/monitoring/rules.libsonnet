local newQueries = import 'queries.libsonnet';

{
  local query = newQueries($._config),

  prometheusRules+:: {
    groups+: [
      {
        name: 'lastgood.rules',
        rules: [
          {
            // Versions of secrets differ in each pod, so there is nothing to compare. Pods of two revisions may have
            // two versions for as long as a rolling update takes.
            record: 'namespace_workload_revision_bundle:lastgood_active_versions:count',
            expr: |||
              count by (%(groups)s) (
                count by (%(versions)s) (
                  lastgood_active_info%(comparedSelector)s
                  and on (cluster, namespace, pod, bundle)
                  lastgood_version_comparable%(selector)s == 1
                )
              )
            ||| % {
              groups: query.groups(['revision', 'bundle']),
              versions: query.groups(['revision', 'bundle', 'version']),
              selector: query.select(),
              comparedSelector: query.select(
                std.join(', ', std.filter(function(part) part != '', ['workload!=""', $._config.podsDisagreeSelector]))
              ),
            },
          },
        ],
      },
    ],
  },
}
