// Expressions that the rules and the dashboard share.
function(config) {
  local joined(parts) = std.join(', ', std.filter(function(part) part != '', parts)),

  // The braces of a selector; further matchers come behind the one of lastgood.
  select(matchers=''):: '{%s}' % joined([config.lastgoodSelector, matchers]),

  groups(more=[]):: std.join(', ', config.groupLabels + more),

  // The series that are 0 for all of `lasting`, and are those of a pod that exists.
  lastingZeros(gauge)::
    local selector = self.select();
    |||
      max_over_time(%(series)s[%(lasting)s]) == 0
      and present_over_time(%(series)s[%(lasting)s] offset %(lasting)s)
      and on (cluster, namespace, pod, instance) up%(selector)s
    ||| % { series: gauge + selector, lasting: config.lasting, selector: selector },

  // Pods, by bundle, whose gauge is 1.
  podsWith(gauge):: 'sum by (%s) (%s%s)' % [self.groups(['bundle']), gauge, self.select()],
}
