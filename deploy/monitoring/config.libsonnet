// What you may change. Override a key in your own mixin: docs/monitoring.md.
{
  _config+:: {
    // Selects the series of lastgood. A PodMonitor named lastgood gives the job NAMESPACE/lastgood.
    lastgoodSelector: 'job=~"(.+/)?lastgood"',

    // One alert for each group, whatever pods come and go. `workload` and `revision` are relabeled: see pod-monitor.
    groupLabels: ['cluster', 'namespace', 'workload'],

    // Where you serve docs/alerts/; %s is the name of the alert.
    runbookUrl: 'https://lastgood.dev/docs/alerts/%s.md',

    // The kubelet may bring a fix 90 s after the edit, so a mistake that is corrected at once takes two minutes to
    // clear: each `for` is longer than that.
    alerts: {
      degraded: { 'for': '5m', severity: 'warning' },
      // Each attempt ends by itself, the next one comes at most 30 s later.
      rollbackFailing: { 'for': '3m', severity: 'critical' },
      // A person has had the time to react to LastgoodDegraded.
      latentBad: { 'for': '15m', severity: 'warning' },
      // The kubelets of two nodes may be 90 s apart, and `jitter`, `confirm.within` and retries add to it.
      podsDisagree: { 'for': '10m', severity: 'warning' },
      // It looks back over `propagation.window` as it is.
      propagationSlow: { 'for': '5m', severity: 'warning' },
      // An app may take minutes to start, and a restart by hand for the working hours of a person.
      pending: { 'for': '30m', severity: 'warning' },
      // After `lasting`: together longer than the first start of an app that pulls its image.
      notReady: { 'for': '5m', severity: 'warning' },
      down: { 'for': '5m', severity: 'warning' },
    },

    // A pod is not ready, or down, if it was so for all of this time, and was there before. In a long rolling update,
    // some pod is always starting; and the kubelet restarts a lastgood whose startup probe fails, which leaves gaps.
    lasting: '5m',

    // Pods disagree only if one of them has run on one version for all of this time. Where a ConfigMap changes each
    // minute, some pod is always behind, but each one changes within three minutes; add the longest `jitter`.
    settled: '5m',

    propagation: {
      // Seconds from the swap to the commit. One of the buckets of lastgood_commit_latency_seconds.
      slowSeconds: 60,
      // Alert if so much of the commits in the window were slower.
      slowRatio: 0.5,
      window: '1h',
      // The same in seconds: the first commit of a pod includes the start of its app, and does not count.
      windowSeconds: 3600,
    },

    // Bundles whose pods differ on purpose, for example by a downwardAPI volume: 'bundle!~"identity|ordinals"'.
    podsDisagreeSelector: '',

    dashboard: {
      title: 'lastgood',
      uid: 'lastgood',
      tags: ['lastgood'],
      refresh: '30s',
      from: 'now-6h',
      // The folder that the sidecar of Grafana's chart puts it into.
      folder: 'lastgood',
    },

    // Of the objects for Kubernetes.
    namespace: 'monitoring',
    ruleLabels: {},
    dashboardLabels: { grafana_dashboard: '1' },
  },
}
