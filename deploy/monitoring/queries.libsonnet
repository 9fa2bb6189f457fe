// Expressions that the rules and the dashboard share.
function(config) {
  local joined(parts) = std.join(', ', std.filter(function(part) part != '', parts)),

  // The braces of a selector; further matchers come behind the one of lastgood.
  select(matchers=''):: '{%s}' % joined([config.lastgoodSelector, matchers]),

  groups(more=[]):: std.join(', ', config.groupLabels + more),

  // Pods, by bundle, whose gauge is 1.
  podsWith(gauge):: 'sum by (%s) (%s%s)' % [self.groups(['bundle']), gauge, self.select()],
}
