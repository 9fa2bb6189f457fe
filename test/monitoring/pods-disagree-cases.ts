import { type AlertCase, LABELS, MODEL, UP, UP_2, WEB_2 } from './alert-case.ts';

const OLD = { version: 'sha256:aaaa', ...MODEL };
const NEW = { version: 'sha256:bbbb', ...MODEL };

/** A pod, with its version in each minute from `start` to `end`; none comes back. */
function podOf(
  index: number,
  { start = 0, end = 60, revision = LABELS.revision as string },
  versionAt: (minute: number) => number,
): AlertCase['series'] {
  const labels = { pod: `web-${index}`, instance: `10.0.2.${index}:9533`, revision };
  const minutes = Array.from({ length: end - start }, (_, minute) => start + minute);
  const life = `${'_ '.repeat(start)}1x${end - start - 1} stale`;
  const versions = Map.groupBy(minutes, versionAt);
  return [
    ['up', labels, life],
    ['lastgood_version_comparable', { ...labels, ...MODEL }, life],
    ...[...versions].map(([version, [first = 0, ...more]]): AlertCase['series'][number] => [
      'lastgood_active_info',
      { ...labels, ...MODEL, version: `sha256:${version}` },
      `${'_ '.repeat(first)}1x${more.length} stale`,
    ]),
  ];
}

/** The version that a kubelet which looks every one to three minutes has, of a ConfigMap that changes each minute. */
function behind(index: number): (minute: number) => number {
  const period = 1 + (index % 3);
  return (minute) => minute - ((minute + index) % period);
}

/** Ten pods, whose kubelets do not look at the same time. */
const TEN_PODS = Array.from({ length: 10 }, (_, index) => podOf(index, {}, behind(index))).flat();

export const PODS_DISAGREE: readonly AlertCase[] = [
  {
    title:
      'fires when two pods of one revision differ for 10 minutes, and resolves when they agree',
    alert: 'LastgoodPodsDisagree',
    series: [
      ...podOf(1, {}, (minute) => (minute < 41 ? 1 : 3)),
      ...podOf(2, {}, (minute) => (minute < 20 ? 1 : minute < 41 ? 2 : 3)),
    ],
    firing: { 20: [], 29: [], 31: ['model'], 40: ['model'], 42: [] },
  },
  {
    title: 'fires when two pods have each changed, but not to the same version',
    alert: 'LastgoodPodsDisagree',
    series: [
      ...podOf(1, {}, (minute) => (minute < 20 ? 1 : 2)),
      ...podOf(2, {}, (minute) => (minute < 20 ? 1 : 3)),
    ],
    firing: { 29: [], 37: ['model'] },
  },
  {
    title:
      'a ConfigMap that changes each minute, and reaches each pod at another time, does not fire',
    alert: 'LastgoodPodsDisagree',
    series: TEN_PODS,
    firing: { 15: [], 30: [], 45: [], 55: [] },
  },
  {
    title: 'one pod that stays on its version while the others change each minute fires',
    alert: 'LastgoodPodsDisagree',
    series: [...TEN_PODS, ...podOf(10, {}, (minute) => (minute < 20 || minute > 45 ? minute : 20))],
    firing: { 20: [], 29: [], 36: ['model'], 45: ['model'], 50: [] },
  },
  {
    title: 'new pods, one after the other, while the ConfigMap changes each minute do not fire',
    alert: 'LastgoodPodsDisagree',
    series: [
      ...TEN_PODS,
      ...Array.from({ length: 40 }, (_, index) =>
        podOf(index + 10, { start: index + 10, end: index + 14 }, () => index + 10),
      ).flat(),
    ],
    firing: { 15: [], 30: [], 45: [] },
  },
  {
    title: 'a change that reaches the pods one by one, as each kubelet brings it, does not fire',
    alert: 'LastgoodPodsDisagree',
    series: [
      ...podOf(1, {}, (minute) => (minute < 20 ? 1 : 2)),
      ...podOf(2, {}, (minute) => (minute < 24 ? 1 : 2)),
    ],
    firing: { 23: [], 35: [], 45: [] },
  },
  {
    title: 'the old and the new pods of a slow rolling update do not fire',
    alert: 'LastgoodPodsDisagree',
    series: Array.from({ length: 10 }, (_, index) => {
      const start = 20 + 2 * index;
      return [
        ...podOf(index, { end: start }, () => 1),
        ...podOf(index + 10, { start, revision: '7f9b' }, () => 2),
      ];
    }).flat(),
    firing: { 30: [], 35: [], 45: [] },
  },
  {
    title: 'versions of secrets, which differ in each pod, do not fire',
    alert: 'LastgoodPodsDisagree',
    series: [
      UP,
      UP_2,
      ['lastgood_active_info', OLD, '1x40'],
      ['lastgood_active_info', { ...WEB_2, ...NEW }, '1x40'],
      ['lastgood_version_comparable', MODEL, '0x40'],
      ['lastgood_version_comparable', { ...WEB_2, ...MODEL }, '0x40'],
    ],
    firing: { 30: [] },
  },
  {
    title: 'two workloads with a bundle of the same name do not fire',
    alert: 'LastgoodPodsDisagree',
    series: [
      UP,
      UP_2,
      ['lastgood_active_info', OLD, '1x40'],
      ['lastgood_active_info', { ...WEB_2, ...NEW, workload: 'api' }, '1x40'],
      ['lastgood_version_comparable', MODEL, '1x40'],
      ['lastgood_version_comparable', { ...WEB_2, ...MODEL, workload: 'api' }, '1x40'],
    ],
    firing: { 30: [] },
  },
  {
    title: 'pods without the label of a workload do not fire',
    alert: 'LastgoodPodsDisagree',
    series: [
      UP,
      UP_2,
      ['lastgood_active_info', { ...OLD, workload: '' }, '1x40'],
      ['lastgood_active_info', { ...WEB_2, ...NEW, workload: '' }, '1x40'],
      ['lastgood_version_comparable', { ...MODEL, workload: '' }, '1x40'],
      ['lastgood_version_comparable', { ...WEB_2, ...MODEL, workload: '' }, '1x40'],
    ],
    firing: { 30: [] },
  },
];
