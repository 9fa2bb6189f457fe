import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import type Registry from 'prom-client/lib/registry.js';
import type { MetricsAdapter } from '../../observability/observer.ts';
import type { StepReport } from '../../runner/ports.ts';
import { indexOfUrl } from './document.ts';

/** Keeps the metrics of configmap-reload. */
export function createMetricsAdapter(registry: Registry, urls: readonly string[]): MetricsAdapter {
  const labels = urls.map(labelOfWebhook);
  const metrics = metricsOf(registry);
  metrics.watcherErrors.inc(0);
  /** The URLs whose gauge shows an error. */
  const inError = new Set<string>();
  const failed = (webhook: string, reason: Reason) => {
    metrics.requestErrors.inc({ webhook, reason });
    metrics.lastReloadError.set({ webhook }, 1);
    inError.add(webhook);
  };
  const succeeded = (webhook: string) => {
    metrics.lastReloadError.set({ webhook }, 0);
    inError.delete(webhook);
  };
  /** The URL whose delivery failed last, by bundle: the end of a rollout does not name it. */
  const lastFailed = new Map<string, string>();
  return {
    step(bundle, report) {
      if (report.step !== 'deliver') return;
      const webhook = labels[indexOfUrl(bundle, report.targetIndex ?? 0)] ?? '';
      const { status, durationMs } = report;
      if (status !== undefined) metrics.requests.inc({ webhook, status_code: String(status) });
      const reason = reasonOf(report);
      if (reason !== undefined) {
        failed(webhook, reason);
        lastFailed.set(bundle, webhook);
        return;
      }
      metrics.requestDuration.set({ webhook }, durationMs / 1000);
      metrics.successReloads.inc({ webhook });
      succeeded(webhook);
    },
    finished(bundle, { failure }, isActive) {
      // The volume holds again what the app was put back on, so no request is sent.
      if (isActive && failure === null)
        for (const webhook of labelsOf(bundle, labels))
          if (inError.has(webhook)) succeeded(webhook);
      if (failure?.step !== 'deliver' || failure.kind !== 'fault') return;
      const webhook = lastFailed.get(bundle);
      if (webhook !== undefined) failed(webhook, 'retries_exhausted');
    },
    watchRestarted: () => metrics.watcherErrors.inc(),
  };
}

function labelsOf(bundle: string, labels: readonly string[]): readonly string[] {
  return labels.filter((_, index) => indexOfUrl(bundle, index) === index);
}

/**
 * The value of the label `webhook`, as configmap-reload writes it, with a password as `xxxxx`, so
 * that dashboards and alerts go on working. Leaves out a query, and userinfo without a password,
 * which may be a token (P8). Source: configmap-reload.go, url.URL.Redacted.
 */
export function labelOfWebhook(url: string): string {
  const plain = url.replace(/[?#].*$/s, '');
  const { scheme = '', userinfo, rest = '' } = PARTS.exec(plain)?.groups ?? {};
  // `URL` would add a slash to a URL without a path, and so make a new label.
  if (userinfo === undefined) return plain;
  const colon = userinfo.indexOf(':');
  return `${scheme}${colon === -1 ? '' : `${userinfo.slice(0, colon)}:`}xxxxx@${rest}`;
}

/** In an HTTP URL `\` means `/`, so userinfo ends there too. */
const PARTS = /^(?<scheme>[a-z]+:\/\/)(?:(?<userinfo>[^/\\]*)@)?(?<rest>.*)$/is;

/** There is no `client_request_create`: a request that cannot be made is rejected at the start. */
type Reason = 'client_request_do' | 'client_response' | 'retries_exhausted';

/** Undefined if the delivery succeeded. */
function reasonOf({ result, status }: StepReport): Reason | undefined {
  if (result === 'accepted') return undefined;
  return status === undefined ? 'client_request_do' : 'client_response';
}

/** Names, labels and texts as dashboards and alerts expect them. Source: configmap-reload.go. */
function metricsOf(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['webhook'], registers });
  return {
    lastReloadError: gauge(
      'configmap_reload_last_reload_error',
      'Whether the last reload resulted in an error (1 for error, 0 for success)',
    ),
    requestDuration: gauge(
      'configmap_reload_last_request_duration_seconds',
      'Duration of last webhook request',
    ),
    successReloads: counter(
      'configmap_reload_success_reloads_total',
      'Total success reload calls',
      'webhook',
    ),
    requestErrors: counter(
      'configmap_reload_request_errors_total',
      'Total request errors by reason',
      'webhook',
      'reason',
    ),
    watcherErrors: counter(
      'configmap_reload_watcher_errors_total',
      'Total filesystem watcher errors',
    ),
    requests: counter(
      'configmap_reload_requests_total',
      'Total requests by response status code',
      'webhook',
      'status_code',
    ),
  };
}
