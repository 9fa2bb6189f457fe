local newQueries = import 'queries.libsonnet';

{
  local config = $._config,
  local query = newQueries(config),

  // Where it is, in a sentence.
  local where = 'bundle {{ $labels.bundle }} of {{ $labels.namespace }}/{{ $labels.workload }}',

  local alert(name, settings, expr, summary, description) = {
    alert: name,
    expr: expr,
    'for': settings['for'],
    labels: { severity: settings.severity },
    annotations: {
      summary: summary,
      description: description,
      runbook_url: config.runbookUrl % name,
    },
  },

  // Buckets may be written 60 or 60.0: Prometheus 3 has one form only.
  local slowBucket = 'le=~"%d([.]0)?"' % config.propagation.slowSeconds,
  local buckets = [1, 5, 10, 15, 30, 60, 120, 300],

  prometheusAlerts+:: {
    assert std.member(buckets, config.propagation.slowSeconds) :
           'propagation.slowSeconds must be one of %s' % std.toString(buckets),
    groups+: [
      {
        name: 'lastgood',
        rules: [
          alert(
            'LastgoodDegraded',
            config.alerts.degraded,
            '%s > 0' % query.podsWith('lastgood_degraded'),
            'A change of configuration did not reach the app.',
            '{{ $value }} pods run on their last good version: the newest one of %s was rejected, or was not delivered.' % where,
          ),
          alert(
            'LastgoodRollbackFailing',
            config.alerts.rollbackFailing,
            '%s > 0' % query.podsWith('lastgood_rollback_failing'),
            'lastgood cannot restore the last good version.',
            'In {{ $value }} pods the app does not take, or does not confirm, the last good version of %s. It may run on a version that it refused.' % where,
          ),
          alert(
            'LastgoodLatentBad',
            config.alerts.latentBad,
            '%s > 0' % query.podsWith('lastgood_volume_rejected'),
            'A rejected version is still in the volume: new pods will not start well.',
            '{{ $value }} pods have rejected what is in the volume of %s. They run on an older version, which a new pod does not have: a restart, a node that fails or a scale-up now costs you pods.' % where,
          ),
          alert(
            'LastgoodPodsDisagree',
            config.alerts.podsDisagree,
            |||
              namespace_workload_revision_bundle:lastgood_active_versions:count > 1
              and on (%(groups)s)
              count by (%(groups)s) (
                count by (%(pods)s) (present_over_time(lastgood_active_info%(selector)s[%(settled)s])) == 1
                and on (cluster, namespace, pod, instance) present_over_time(up%(selector)s[%(settled)s] offset %(settled)s)
                and on (cluster, namespace, pod, instance) up%(selector)s
              )
            ||| % {
              groups: query.groups(['revision', 'bundle']),
              pods: query.groups(['revision', 'bundle', 'pod', 'instance']),
              selector: query.select(),
              settled: config.settled,
            },
            'Pods of one workload run on different configuration.',
            'The pods of %s run on {{ $value }} versions, and some have not changed theirs for %s.' % [where, config.settled],
          ),
          alert(
            'LastgoodPropagationSlow',
            config.alerts.propagationSlow,
            |||
              sum by (%(groups)s) (
                increase(lastgood_commit_latency_seconds_count%(selector)s[%(window)s])
                - sum without (le) (increase(lastgood_commit_latency_seconds_bucket%(bucket)s[%(window)s]))
                and on (cluster, namespace, pod, instance) time() - process_start_time_seconds%(selector)s > %(windowSeconds)d
              )
              / (
                sum by (%(groups)s) (
                  increase(lastgood_commit_latency_seconds_count%(selector)s[%(window)s])
                  and on (cluster, namespace, pod, instance) time() - process_start_time_seconds%(selector)s > %(windowSeconds)d
                ) > 0
              )
              > %(slowRatio)g
            ||| % config.propagation {
              groups: query.groups(['bundle']),
              selector: query.select(),
              bucket: query.select(slowBucket),
            },
            'Changes take long from the volume to the app.',
            '{{ $value | humanizePercentage }} of the commits of %s in the last %s took longer than %d s from the swap of the volume.' % [where, config.propagation.window, config.propagation.slowSeconds],
          ),
          alert(
            'LastgoodPending',
            config.alerts.pending,
            |||
              label_replace(%(absent)s > 0, "waits_for", "the app to run", "", "")
              or label_replace(%(restart)s > 0, "waits_for", "a restart of the app", "", "")
            ||| % {
              absent: query.podsWith('lastgood_app_absent'),
              restart: query.podsWith('lastgood_pending_restart'),
            },
            'A change of configuration waits for the app.',
            'In {{ $value }} pods the newest version of %s waits for {{ $labels.waits_for }}.' % where,
          ),
          alert(
            'LastgoodNotReady',
            config.alerts.notReady,
            'count by (%s) (\n%s) > 0' % [query.groups(['bundle']), query.lastingZeros('lastgood_ready')],
            'Pods have no good version of their configuration, or none for too long.',
            '{{ $value }} pods are not ready: lastgood has found no good version of %s and holds the start of the app back, or a newer version has failed for longer than staleAfter.' % where,
          ),
          alert(
            'LastgoodDown',
            config.alerts.down,
            'count by (%s) (\n%s) > 0' % [query.groups(), query.lastingZeros('up')],
            'Prometheus cannot scrape lastgood.',
            '{{ $value }} pods of {{ $labels.namespace }}/{{ $labels.workload }} do not answer on the port of lastgood, so the other alerts do not see them.',
          ),
        ],
      },
    ],
  },
}
