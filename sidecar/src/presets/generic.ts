import { appHealth, commandLine, EXECUTABLE, healthProbe, tls } from './parts.ts';
import { definePreset } from './preset.ts';

export const generic = definePreset({
  about: 'Notifies your own app by a URL, by a signal or by both, and checks its health.',
  needs: [],
  needsFor: {
    process:
      'For `process`: `shareProcessNamespace: true` in the pod, and an app that catches the signal.',
  },
  parameters: {
    reload: {
      about: 'URL that gets the event of docs/webhook-protocol.md by POST.',
      kind: 'url',
      example: 'http://localhost:8080/admin/reload',
    },
    process: { about: EXECUTABLE, kind: 'process', example: 'serve.py' },
    commandLine,
    signal: { about: 'Signal for that process.', kind: 'signal', default: 'SIGHUP' },
    ...appHealth,
    tls: tls('localhost:8443'),
  },
  check: ['/lastgood/hooks/check', '{dir}'],
  timing: { within: '30s', hold: '5s' },
  bundleKeys: ({ reload, process, commandLine, signal, health, version, tls }) => ({
    targets: [
      reload === undefined ? undefined : { webhook: { url: reload } },
      process === undefined ? undefined : { signal: { process, commandLine, signal } },
    ],
    confirm: {
      process: process === undefined ? undefined : { process, commandLine },
      http: healthProbe(health, version),
      tls,
    },
  }),
  rollback: 'lastgood restores the last good files, and notifies the app again.',
  limits: [
    'Without `reload` and `process` lastgood notifies nothing: right for an app that watches its files by itself.',
  ],
  sources: ['docs/webhook-protocol.md'],
});
