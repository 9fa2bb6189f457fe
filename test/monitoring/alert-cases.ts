/** What each alert has to do on series of a pod, minute by minute. */

import { type AlertCase, MODEL, UP, WEB_2 } from './alert-case.ts';
import { PODS_DISAGREE } from './pods-disagree-cases.ts';

/** The program runs for a day already. */
const STARTED: AlertCase['series'][number] = ['process_start_time_seconds', {}, '-86400x200'];
const STARTED_2: AlertCase['series'][number] = ['process_start_time_seconds', WEB_2, '-86400x200'];
const COUNT = 'lastgood_commit_latency_seconds_count';
const BUCKET = 'lastgood_commit_latency_seconds_bucket';
const MINUTE = { le: '60', ...MODEL };

const DEGRADED: readonly AlertCase[] = [
  {
    title: 'fires after 5 minutes, once for all pods of the workload, and resolves on the fix',
    alert: 'LastgoodDegraded',
    series: [
      ['lastgood_degraded', MODEL, '0 1x9 0x9'],
      ['lastgood_degraded', { ...WEB_2, ...MODEL }, '0 0 1x8 0x9'],
      ['lastgood_degraded', { bundle: 'tls' }, '0x19'],
    ],
    firing: { 5: [], 7: ['model'], 10: ['model'], 11: [] },
  },
  {
    title: 'a mistake that is corrected within the delay of the kubelet does not fire',
    alert: 'LastgoodDegraded',
    series: [['lastgood_degraded', MODEL, '0 1x3 0x20']],
    firing: { 4: [], 6: [], 10: [] },
  },
  {
    title: 'pods that a rolling update replaces do not begin the wait again',
    alert: 'LastgoodDegraded',
    series: [
      ['lastgood_degraded', MODEL, '0 1x2 stale'],
      ['lastgood_degraded', { ...WEB_2, ...MODEL, revision: '7f9b' }, '_ _ 1x20'],
    ],
    firing: { 5: [], 7: ['model'] },
  },
  {
    title: 'neither a pod that has ended nor a series of another program fires',
    alert: 'LastgoodDegraded',
    series: [
      ['lastgood_degraded', MODEL, '0 1x3 stale'],
      ['lastgood_degraded', { ...MODEL, job: 'shop/other' }, '1x20'],
    ],
    firing: { 4: [], 10: [] },
  },
  {
    title: 'a job that is named without a namespace fires too',
    alert: 'LastgoodDegraded',
    series: [['lastgood_degraded', { ...MODEL, job: 'lastgood' }, '1x20']],
    firing: { 10: ['model'] },
  },
];

const ROLLBACK_FAILING: readonly AlertCase[] = [
  {
    title: 'fires after 3 minutes, and resolves when the last good version is back',
    alert: 'LastgoodRollbackFailing',
    series: [['lastgood_rollback_failing', MODEL, '0 1x6 0x9']],
    firing: { 3: [], 5: ['model'], 8: [] },
  },
  {
    title: 'a rollback that succeeds at its second attempt does not fire',
    alert: 'LastgoodRollbackFailing',
    series: [['lastgood_rollback_failing', MODEL, '0 1x1 0x9']],
    firing: { 2: [], 4: [], 8: [] },
  },
];

const LATENT_BAD: readonly AlertCase[] = [
  {
    title: 'fires when the volume was not corrected for 15 minutes, and resolves on the fix',
    alert: 'LastgoodLatentBad',
    series: [['lastgood_volume_rejected', MODEL, '0 1x19 0x9']],
    firing: { 15: [], 17: ['model'], 21: [] },
  },
  {
    title: 'a version that is only degraded, and is tried again, does not fire',
    alert: 'LastgoodLatentBad',
    series: [
      ['lastgood_volume_rejected', MODEL, '0x40'],
      ['lastgood_degraded', MODEL, '1x40'],
    ],
    firing: { 30: [] },
  },
];

const PROPAGATION_SLOW: readonly AlertCase[] = [
  {
    title: 'fires when most commits of the last hour took over a minute, and resolves after it',
    alert: 'LastgoodPropagationSlow',
    series: [STARTED, [COUNT, MODEL, '0x9 1x9 2x200'], [BUCKET, MINUTE, '0x9 0x9 0x200']],
    firing: { 9: [], 20: ['model'], 60: ['model'], 90: [] },
  },
  {
    title: 'a label as Prometheus 3 writes it fires too',
    alert: 'LastgoodPropagationSlow',
    series: [STARTED, [COUNT, MODEL, '0x9 1x200'], [BUCKET, { ...MINUTE, le: '60.0' }, '0x210']],
    firing: { 20: ['model'] },
  },
  {
    title: 'quick commits do not fire, also after the counters began again',
    alert: 'LastgoodPropagationSlow',
    series: [STARTED, [COUNT, MODEL, '7x9 8x9 1x200'], [BUCKET, MINUTE, '7x9 8x9 1x200']],
    firing: { 15: [], 30: [] },
  },
  {
    title: 'one slow pod among many quick ones does not fire',
    alert: 'LastgoodPropagationSlow',
    series: [
      STARTED,
      STARTED_2,
      [COUNT, MODEL, '0x9 1x200'],
      [BUCKET, MINUTE, '0x210'],
      [COUNT, { ...WEB_2, ...MODEL }, '0x9 2x200'],
      [BUCKET, { ...WEB_2, ...MINUTE }, '0x9 2x200'],
    ],
    firing: { 20: [] },
  },
  {
    title: 'no commit at all does not fire',
    alert: 'LastgoodPropagationSlow',
    series: [STARTED, [COUNT, MODEL, '3x200'], [BUCKET, MINUTE, '0x200']],
    firing: { 30: [] },
  },
  {
    title: 'the first commit of a pod, with the start of its app, does not fire',
    alert: 'LastgoodPropagationSlow',
    series: [
      ['process_start_time_seconds', {}, '0x200'],
      [COUNT, MODEL, '0x4 1x200'],
      [BUCKET, MINUTE, '0x210'],
    ],
    firing: { 20: [], 61: [], 80: [], 120: [] },
  },
];

const PENDING: readonly AlertCase[] = [
  {
    title: 'fires for an app that does not run for half an hour, and resolves when it does',
    alert: 'LastgoodPending',
    series: [
      ['lastgood_app_absent', MODEL, '0 1x33 0x9'],
      ['lastgood_pending_restart', MODEL, '0x45'],
    ],
    firing: { 30: [], 33: ['model'], 36: [] },
  },
  {
    title: 'fires for a version that waits for a restart',
    alert: 'LastgoodPending',
    series: [
      ['lastgood_app_absent', MODEL, '0x45'],
      ['lastgood_pending_restart', MODEL, '1x45'],
    ],
    firing: { 29: [], 31: ['model'] },
  },
  {
    title: 'an app that starts again within minutes does not fire',
    alert: 'LastgoodPending',
    series: [['lastgood_app_absent', MODEL, '1x10 0x40']],
    firing: { 10: [], 35: [] },
  },
];

/** Pods that are 0 in the first minute of their life, one after the other; each lives for ten minutes. */
function rollingUpdate(metric: string, labels: Readonly<Record<string, string>>) {
  return Array.from({ length: 30 }, (_, index): AlertCase['series'][number] => [
    metric,
    { ...labels, pod: `web-${index}`, instance: `10.0.1.${index}:9533` },
    `${'_ '.repeat(index)}0x1 1x8 0 stale`,
  ]);
}

const NOT_READY: readonly AlertCase[] = [
  {
    title: 'fires for a first start that is held back, and resolves when it is released',
    alert: 'LastgoodNotReady',
    series: [
      UP,
      ['lastgood_ready', MODEL, '0x12 1x9'],
      ['lastgood_ready', { ...WEB_2, ...MODEL }, '1x40'],
    ],
    firing: { 9: [], 12: ['model'], 14: [] },
  },
  {
    title: 'fires for each bundle that is degraded for longer than staleAfter',
    alert: 'LastgoodNotReady',
    series: [
      UP,
      ['lastgood_ready', MODEL, '1x9 0x20'],
      ['lastgood_degraded', MODEL, '1x29'],
      ['lastgood_ready', { bundle: 'tls' }, '1x29'],
    ],
    firing: { 18: [], 22: ['model'] },
  },
  {
    title: 'a start that takes a few minutes does not fire',
    alert: 'LastgoodNotReady',
    series: [UP, ['lastgood_ready', MODEL, '0x5 1x40']],
    firing: { 5: [], 11: [] },
  },
  {
    title: 'fires for a lastgood that the kubelet restarts, since its startup probe fails',
    alert: 'LastgoodNotReady',
    series: [
      ['up', {}, '1x4 0 1x4 0 1x4 0 0 1x40'],
      ['lastgood_ready', MODEL, '0x4 stale 0x4 stale 0x4 stale _ 0x9 1x20'],
    ],
    firing: { 13: ['model'], 16: ['model'], 20: ['model'], 30: [] },
  },
  {
    title: 'a pod that has ended does not go on firing',
    alert: 'LastgoodNotReady',
    series: [
      ['up', {}, '1x15 stale'],
      ['lastgood_ready', MODEL, '0x15 stale'],
    ],
    firing: { 13: ['model'], 17: [] },
  },
  {
    title: 'the pods of a long rolling update, each ready after a minute, do not fire',
    alert: 'LastgoodNotReady',
    series: [...rollingUpdate('up', {}), ...rollingUpdate('lastgood_ready', MODEL)],
    firing: { 12: [], 20: [], 30: [], 38: [] },
  },
];

const DOWN: readonly AlertCase[] = [
  {
    title: 'fires for a pod that does not answer, and resolves when it does',
    alert: 'LastgoodDown',
    series: [
      ['up', {}, '1 0x12 1x9'],
      ['up', WEB_2, '1x40'],
    ],
    firing: { 10: [], 13: ['web'], 15: [] },
  },
  {
    title: 'pods that have ended, and pods of others, do not fire',
    alert: 'LastgoodDown',
    series: [
      ['up', {}, '1x3 0 stale'],
      ['up', { ...WEB_2, job: 'shop/other' }, '0x40'],
    ],
    firing: { 4: [], 15: [], 30: [] },
  },
  {
    title: 'the pods of a long rolling update, each up after a minute, do not fire',
    alert: 'LastgoodDown',
    series: rollingUpdate('up', {}),
    firing: { 12: [], 20: [], 30: [], 38: [] },
  },
];

export const ALERT_CASES: readonly AlertCase[] = [
  ...DEGRADED,
  ...ROLLBACK_FAILING,
  ...LATENT_BAD,
  ...PODS_DISAGREE,
  ...PROPAGATION_SLOW,
  ...PENDING,
  ...NOT_READY,
  ...DOWN,
];
