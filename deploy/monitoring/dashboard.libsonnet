local panels = import 'panels.libsonnet';
local newQueries = import 'queries.libsonnet';

{
  local config = $._config,
  local query = newQueries(config),

  // The variables of the dashboard, as matchers.
  local pods = 'namespace=~"$namespace", workload=~"$workload", pod=~"$pod"',
  local shown = query.select(pods + ', bundle=~"$bundle"'),
  local processes = query.select(pods),

  local sumOf(gauge) = 'sum(%s%s) or vector(0)' % [gauge, shown],

  // The first 12 digits of a version, in a label.
  local short(info, label) =
    'label_replace(%s%s, "%s", "$1", "version", "sha256:(.{12}).*")' % [info, shown, label],

  local perHour(counter, by) = 'sum by (%s) (increase(%s%s[1h]))' % [by, counter, shown],

  local quantile(q, histogram, by=[]) =
    'histogram_quantile(%g, sum by (%s) (increase(%s_bucket%s[1h])))'
    % [q, std.join(', ', ['le'] + by), histogram, shown],

  // 0: all is well, 1: degraded, 2: waits for the app, 3: waits for a restart, 4: not ready. After staleAfter, a bundle is
  // not ready beside one of the others.
  local health = |||
    clamp_max(max by (namespace, pod, bundle) (
      lastgood_degraded%(s)s
      + 2 * lastgood_app_absent%(s)s
      + 3 * lastgood_pending_restart%(s)s
      + 4 * (1 - lastgood_ready%(s)s)
    ), 4)
  ||| % { s: shown },

  grafanaDashboards+:: {
    'dashboard.json': panels.dashboard(config, query.select(), [
      panels.row('Now'),
      panels.stat('Pods', 'Pods that Prometheus scrapes.', 4, 'count(lastgood_build_info%s) or vector(0)' % processes),
      panels.stat(
        'Degraded',
        'Bundles of pods whose newest version was rejected or not delivered. They run on their last good version.',
        4,
        sumOf('lastgood_degraded'),
        warnFrom=1,
      ),
      panels.stat(
        'Rejected in the volume',
        'Bundles of pods whose volume has a version that lastgood does not try again. A new pod would find no other.',
        4,
        sumOf('lastgood_volume_rejected'),
        warnFrom=1,
      ),
      panels.stat(
        'Failing rollbacks',
        'Bundles of pods in which lastgood cannot restore the last good version.',
        4,
        sumOf('lastgood_rollback_failing'),
        failFrom=1,
      ),
      panels.stat(
        'Waiting for the app',
        'Bundles of pods whose newest version waits for the app to run, or to restart.',
        4,
        'sum(lastgood_app_absent%(s)s + lastgood_pending_restart%(s)s) or vector(0)' % { s: shown },
        warnFrom=1,
      ),
      panels.stat(
        'Not ready',
        'Bundles of pods without a good version, for which lastgood holds the start of the app back, or degraded for longer than staleAfter.',
        4,
        'count(lastgood_ready%s == 0) or vector(0)' % shown,
        warnFrom=1,
      ),

      panels.row('Versions'),
      panels.table(
        'Active and desired version',
        'The version that each app runs on, the one in its volume, and since when its health is as it is.',
        14,
        [
          { expr: short('lastgood_active_info', 'active') },
          { expr: short('lastgood_desired_info', 'desired') },
          { expr: '1000 * lastgood_health_since_timestamp_seconds%s' % shown, as: 'since' },
          { expr: 'lastgood_degraded%s' % shown, as: 'degraded' },
        ],
        ['namespace', 'pod', 'bundle', 'active', 'desired', 'degraded', 'since'],
      ),
      panels.table(
        'Rejected versions',
        'The rejected version in each volume, the step that rejected it, and the code of its first error: docs/errors.md.',
        10,
        [{ expr: short('lastgood_rejected_info', 'rejected') }],
        ['pod', 'bundle', 'rejected', 'step', 'code'],
      ),
      panels.timeline('Health', 'State of each bundle in each pod.', 24, health, '{{pod}} {{bundle}}'),

      panels.row('Rollouts'),
      panels.series(
        'Outcomes per hour',
        'Rollouts that ended in the last hour, in all pods.',
        12,
        [{ expr: perHour('lastgood_rollouts_total', 'outcome'), legend: '{{outcome}}' }],
        unit='short',
        bars=true,
      ),
      panels.series(
        'Apps by active version',
        'How a version spreads over the pods. Versions of bundles with secrets differ in each pod.',
        12,
        [{
          expr: 'count by (bundle, active) (%s)' % short('lastgood_active_info', 'active'),
          legend: '{{bundle}} {{active}}',
        }],
        unit='short',
        stacked=true,
      ),
      panels.series(
        'Time from swap to commit',
        'From the write of the volume until the app has confirmed the version, over the last hour. The time from the edit until the kubelet writes the volume, up to 90 s, is not in it.',
        12,
        [
          { expr: quantile(0.5, 'lastgood_commit_latency_seconds', ['bundle']), legend: '{{bundle}} median' },
          { expr: quantile(0.95, 'lastgood_commit_latency_seconds', ['bundle']), legend: '{{bundle}} 95 %' },
        ],
        unit='s',
      ),
      panels.series(
        'Duration of steps',
        '95 % of the steps of the last hour were faster.',
        12,
        [{ expr: quantile(0.95, 'lastgood_step_duration_seconds', ['step']), legend: '{{step}}' }],
        unit='s',
      ),
      panels.series(
        'Deliveries tried again, per hour',
        'The app is down, slow or failing.',
        12,
        [{ expr: perHour('lastgood_delivery_retries_total', 'bundle, target'), legend: '{{bundle}} {{target}}' }],
        unit='short',
        bars=true,
      ),
      panels.series(
        'Duration of checks',
        '95 % of the checks of the last hour were faster.',
        12,
        [{ expr: quantile(0.95, 'lastgood_check_duration_seconds', ['check']), legend: '{{check}}' }],
        unit='s',
      ),

      panels.row('Sidecar'),
      panels.series(
        'Memory',
        'Resident memory of lastgood, with the pages of the Node.js binary that all processes of a node share.',
        12,
        [{ expr: 'max by (pod) (process_resident_memory_bytes%s)' % processes, legend: '{{pod}}' }],
        unit='bytes',
      ),
      panels.series(
        'CPU',
        'CPU time of lastgood, in cores.',
        12,
        [{
          expr: 'sum by (pod) (rate(process_cpu_seconds_total%s[$__rate_interval]))' % processes,
          legend: '{{pod}}',
        }],
        unit='short',
      ),
    ]),
  },
}
