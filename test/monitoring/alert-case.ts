/** The values of a series, one a minute, as promtool reads them: `1x9` is ten times 1, `_` is no sample. */
type SeriesValues = string;

export interface AlertCase {
  readonly title: string;
  readonly alert: string;
  /** By the name of the metric and the labels in which it differs from those of {@link LABELS}. */
  readonly series: readonly (readonly [
    metric: string,
    labels: Readonly<Record<string, string>>,
    values: SeriesValues,
  ])[];
  /** For each minute of interest, the bundle or workload of each alert that fires then. */
  readonly firing: Readonly<Record<number, readonly string[]>>;
}

/** As the PodMonitor labels each series of a pod. */
export const LABELS = {
  job: 'shop/lastgood',
  namespace: 'shop',
  workload: 'web',
  revision: '6d4c',
  container: 'lastgood',
  pod: 'web-1',
  instance: '10.0.0.1:9533',
} as const;

export const MODEL = { bundle: 'model' };
export const WEB_2 = { pod: 'web-2', instance: '10.0.0.2:9533' };
export const UP: AlertCase['series'][number] = ['up', {}, '1x60'];
export const UP_2: AlertCase['series'][number] = ['up', WEB_2, '1x60'];
