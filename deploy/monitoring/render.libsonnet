// The files of a mixin, by name: for Prometheus and Grafana alone, and as objects for Kubernetes.
function(mixin)
  local config = mixin._config;
  local groups = mixin.prometheusRules.groups + mixin.prometheusAlerts.groups;
  local dashboards = mixin.grafanaDashboards;
  local yaml(value) =
    '# Rendered from the mixin: node test/monitoring/render.ts --write\n'
    + std.manifestYamlDoc(value, indent_array_in_object=true, quote_keys=false);
  {
    'rules.yaml': yaml({ groups: groups }),
    'prometheus-rule.yaml': yaml({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'lastgood', namespace: config.namespace, labels: config.ruleLabels },
      spec: { groups: groups },
    }),
    'dashboard-configmap.yaml': yaml({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'lastgood-dashboard',
        namespace: config.namespace,
        labels: config.dashboardLabels,
        annotations: { grafana_folder: config.dashboard.folder },
      },
      data: { [name]: std.manifestJsonMinified(dashboards[name]) for name in std.objectFields(dashboards) },
    }),
  } + {
    [name]: std.manifestJsonEx(dashboards[name], '  ')
    for name in std.objectFields(dashboards)
  }
