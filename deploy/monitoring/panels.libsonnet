// Panels and variables of Grafana, as far as the dashboard needs them.
local datasource = { type: 'prometheus', uid: '${datasource}' };
local columns = 24;

local target(query, index, instant) = {
  datasource: datasource,
  expr: query.expr,
  refId: std.char(65 + index),
  legendFormat: if std.objectHas(query, 'legend') then query.legend else '__auto',
  [if instant then 'format']: 'table',
  instant: instant,
  range: !instant,
};

local targets(queries, instant) =
  std.mapWithIndex(function(index, query) target(query, index, instant), queries);

local thresholds(warnFrom, failFrom) = {
  mode: 'absolute',
  steps:
    [{ color: if warnFrom == null && failFrom == null then 'text' else 'green', value: null }]
    + (if warnFrom == null then [] else [{ color: 'orange', value: warnFrom }])
    + (if failFrom == null then [] else [{ color: 'red', value: failFrom }]),
};

local panel(type, title, description, width, height) = {
  type: type,
  title: title,
  description: description,
  datasource: datasource,
  gridPos: { w: width, h: height },
};

// From left to right, and a new line where the next panel has no room.
local layOut(panels) =
  local place(state, panel) =
    local size = panel.gridPos;
    local isFull = state.x + size.w > columns;
    local x = if isFull then 0 else state.x;
    local y = if isFull then state.y + state.h else state.y;
    {
      x: x + size.w,
      y: y,
      h: if isFull then size.h else std.max(state.h, size.h),
      done: state.done + [panel { id: std.length(state.done) + 1, gridPos+: { x: x, y: y } }],
    };
  std.foldl(place, panels, { x: 0, y: 0, h: 0, done: [] }).done;

local variable(name, label, metric, matchers) = {
  name: name,
  label: label,
  type: 'query',
  datasource: datasource,
  query: { qryType: 1, refId: 'variable', query: 'label_values(%s%s, %s)' % [metric, matchers, name] },
  definition: self.query.query,
  // On a change of the time range: pods come and go.
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  // With a pattern, not a list: a pod without the label is shown too.
  allValue: '.*',
  current: { selected: true, text: 'All', value: '$__all' },
};

{
  row(title):: {
    type: 'row',
    title: title,
    collapsed: false,
    panels: [],
    gridPos: { w: columns, h: 1 },
  },

  stat(title, description, width, expr, warnFrom=null, failFrom=null)::
    panel('stat', title, description, width, 4) {
      targets: targets([{ expr: expr }], true),
      fieldConfig: {
        defaults: { unit: 'short', decimals: 0, thresholds: thresholds(warnFrom, failFrom) },
        overrides: [],
      },
      options: { colorMode: 'value', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'] } },
    },

  // One row for the series that agree in their labels, with the value of each query as a column.
  table(title, description, width, queries, order)::
    local valueNames = std.mapWithIndex(
      function(index, query) ['Value #' + std.char(65 + index), if std.objectHas(query, 'as') then query.as else ''],
      queries
    );
    panel('table', title, description, width, 9) {
      targets: targets(queries, true),
      fieldConfig: {
        defaults: { custom: { align: 'auto' }, unit: 'none', thresholds: thresholds(1, null) },
        overrides: [
          {
            matcher: { id: 'byName', options: 'since' },
            properties: [{ id: 'unit', value: 'dateTimeFromNow' }],
          },
          {
            matcher: { id: 'byName', options: 'degraded' },
            properties: [
              { id: 'mappings', value: [{ type: 'value', options: { '0': { text: 'no' }, '1': { text: 'yes' } } }] },
              { id: 'custom.cellOptions', value: { type: 'color-text' } },
            ],
          },
        ],
      },
      options: { showHeader: true },
      transformations: [
        // Only what all queries have in common, so that the rows can be merged.
        {
          id: 'filterFieldsByName',
          options: { include: { names: std.setUnion(std.set(order), std.set([each[0] for each in valueNames if each[1] != ''])) } },
        },
        { id: 'merge', options: {} },
        {
          id: 'organize',
          options: {
            renameByName: { [each[0]]: each[1] for each in valueNames if each[1] != '' },
            indexByName: {
              [std.foldl(function(name, each) if each[1] == name then each[0] else name, valueNames, order[index])]: index
              for index in std.range(0, std.length(order) - 1)
            },
          },
        },
      ],
    },

  timeline(title, description, width, expr, legend)::
    local state(value, text, color) = { [value]: { text: text, color: color, index: std.parseInt(value) } };
    panel('state-timeline', title, description, width, 8) {
      targets: targets([{ expr: expr, legend: legend }], false),
      fieldConfig: {
        defaults: {
          unit: 'none',
          thresholds: thresholds(1, null),
          mappings: [{
            type: 'value',
            options:
              state('0', 'ok', 'green')
              + state('1', 'degraded', 'orange')
              + state('2', 'waits for the app', 'yellow')
              + state('3', 'waits for a restart', 'blue')
              + state('4', 'not ready', 'red'),
          }],
        },
        overrides: [],
      },
      options: { mergeValues: true, showValue: 'auto', legend: { showLegend: false }, tooltip: { mode: 'single' } },
    },

  series(title, description, width, queries, unit, bars=false, stacked=false)::
    panel('timeseries', title, description, width, 8) {
      targets: targets(queries, false),
      fieldConfig: {
        defaults: {
          unit: unit,
          min: 0,
          custom: {
            drawStyle: if bars then 'bars' else 'line',
            fillOpacity: if bars || stacked then 60 else 0,
            stacking: { mode: if bars || stacked then 'normal' else 'none' },
            // Without commits there is no quantile.
            spanNulls: false,
          },
          thresholds: thresholds(null, null),
        },
        overrides: [],
      },
      options: {
        legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
    },

  dashboard(config, selector, panels):: {
    local within(names) =
      std.strReplace(
        selector, '}', std.join('', [', %s=~"$%s"' % [name, name] for name in names]) + '}'
      ),
    title: config.dashboard.title,
    uid: config.dashboard.uid,
    tags: config.dashboard.tags,
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    refresh: config.dashboard.refresh,
    time: { from: config.dashboard.from, to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', current: {} },
        variable('namespace', 'Namespace', 'lastgood_build_info', selector),
        variable('workload', 'Workload', 'lastgood_build_info', within(['namespace'])),
        variable('pod', 'Pod', 'lastgood_build_info', within(['namespace', 'workload'])),
        variable('bundle', 'Bundle', 'lastgood_ready', within(['namespace', 'workload', 'pod'])),
      ],
    },
    annotations: {
      list: [
        {
          name: 'Rollouts',
          datasource: datasource,
          enable: true,
          iconColor: 'blue',
          // A mark for each interval in which rollouts of a bundle ended.
          expr: 'sum by (namespace, workload, bundle, outcome) (increase(lastgood_rollouts_total%s[$__rate_interval])) > 0' % within(['namespace', 'workload', 'pod', 'bundle']),
          step: '1m',
          titleFormat: '{{outcome}}',
          textFormat: '{{namespace}}/{{workload}} {{bundle}}',
          tagKeys: 'outcome,bundle',
        },
      ],
    },
    panels: layOut(panels),
  },
}
