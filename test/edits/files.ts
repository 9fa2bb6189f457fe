import type { Random } from '../rollout/random.ts';

/** A made-up configuration file, and which of its parts grow and shrink by ordinary edits. */
export interface ConfigFile {
  readonly kind: string;
  readonly value: Tree;
  /** Paths of mappings whose keys are names; `*` is any step. */
  readonly dictionaries: readonly string[];
  /** Paths of lists of mappings. */
  readonly lists: readonly string[];
}

export type Tree = { [key: string]: unknown };

const NAMES = [
  'api',
  'billing',
  'search',
  'media',
  'mail',
  'auth',
  'queue',
  'stats',
  'docs',
  'jobs',
];

/** A further name for an entry, unlike those that the makers below use. */
export function newName(random: Random): string {
  return `${random.pick(NAMES)}-${random.int(10, 99)}`;
}

const MAKERS: readonly ((random: Random) => ConfigFile)[] = [
  values,
  dashboard,
  pipeline,
  settings,
  users,
  deployment,
  packages,
  compose,
  alerts,
];

/** A file of any kind. */
export function makeFile(random: Random): ConfigFile {
  return random.pick(MAKERS)(random);
}

function some<Item>(random: Random, max: number, make: (name: string) => Item): Item[] {
  const first = random.int(0, NAMES.length - 1);
  const count = random.int(1, max);
  return Array.from({ length: count }, (_, at) => make(NAMES[(first + at) % NAMES.length] ?? ''));
}

function named(random: Random, max: number, make: (name: string) => unknown): Tree {
  return Object.fromEntries(some(random, max, (name) => [name, make(name)]));
}

const version = (random: Random) => `${random.int(1, 9)}.${random.int(0, 30)}.${random.int(0, 9)}`;

function labels(random: Random, name: string): Tree {
  const all = [
    ['app.kubernetes.io/name', name],
    ['app.kubernetes.io/part-of', 'shop'],
    ['team', 'platform'],
    ['tier', 'backend'],
  ];
  return Object.fromEntries(all.slice(0, random.int(2, all.length)));
}

function resources(random: Random): Tree {
  const memory = `${random.int(1, 8) * 128}Mi`;
  return { requests: { cpu: '100m', memory }, limits: { memory } };
}

function values(random: Random): ConfigFile {
  const value = {
    replicaCount: random.int(1, 6),
    image: { repository: 'ghcr.io/acme/api', tag: version(random), pullPolicy: 'IfNotPresent' },
    podLabels: labels(random, 'api'),
    podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090' },
    service: { type: 'ClusterIP', port: 80 },
    ingress: {
      enabled: random.chance(0.5),
      className: 'nginx',
      hosts: some(random, 2, (name) => ({
        host: `${name}.example.com`,
        paths: [{ path: '/', pathType: 'Prefix' }],
      })),
      tls: [],
    },
    resources: resources(random),
    autoscaling: { enabled: false, minReplicas: 2, maxReplicas: 10, targetCPU: 80 },
    persistence: { size: '10Gi', storageClass: 'fast', accessMode: 'ReadWriteOnce' },
    extraEnv: some(random, 2, (name) => ({ name: name.toUpperCase(), value: 'on' })),
    nodeSelector: { 'kubernetes.io/os': 'linux', disk: 'ssd' },
  };
  const dictionaries = ['/podLabels', '/podAnnotations', '/nodeSelector'];
  return { kind: 'values', value, dictionaries, lists: ['/ingress/hosts', '/extraEnv'] };
}

function dashboard(random: Random): ConfigFile {
  const panels = some(random, 3, (name) => ({
    id: random.int(1, 40),
    title: name,
    type: random.pick(['timeseries', 'stat', 'table']),
    gridPos: { x: 0, y: random.int(0, 80), w: 12, h: 8 },
    targets: [{ expr: `rate(${name}_requests_total[5m])`, refId: 'A' }],
    fieldConfig: { defaults: { unit: 'reqps', decimals: 2 }, overrides: [] },
  }));
  const value = {
    title: 'Requests',
    uid: 'requests',
    refresh: '30s',
    schemaVersion: 39,
    time: { from: 'now-6h', to: 'now' },
    templating: { list: some(random, 3, (name) => ({ name, type: 'query', multi: true })) },
    panels,
  };
  return { kind: 'dashboard', value, dictionaries: [], lists: ['/panels', '/templating/list'] };
}

function pipeline(random: Random): ConfigFile {
  const steps = () => [
    { name: 'checkout', uses: 'actions/checkout@v4' },
    { name: 'test', run: 'npm test' },
  ];
  const value = {
    name: 'ci',
    on: { push: { branches: ['main'] }, pull_request: { branches: ['main'] } },
    permissions: { contents: 'read', packages: 'write' },
    jobs: named(random, 5, () => ({
      'runs-on': 'ubuntu-latest',
      'timeout-minutes': random.int(5, 60),
      steps: steps(),
    })),
  };
  return { kind: 'pipeline', value, dictionaries: ['/jobs'], lists: ['/jobs/*/steps'] };
}

function settings(random: Random): ConfigFile {
  const value = {
    server: { host: '0.0.0.0', port: 8080, timeout_ms: random.int(1, 9) * 500, tls: false },
    database: {
      url: 'postgres://db:5432/shop',
      pool: { min: 2, max: random.int(8, 64), idle_timeout_s: 60 },
    },
    cache: { backend: 'redis', ttl_s: 300, max_entries: 10000, prefix: '' },
    logging: {
      level: 'info',
      format: 'json',
      loggers: { 'com.acme.api': 'DEBUG', 'org.apache.http': 'WARN' },
    },
    features: { search: true, export: false, beta_checkout: random.chance(0.5) },
    upstreams: some(random, 2, (name) => ({
      name,
      url: `http://${name}:8080`,
      weight: random.int(1, 10),
      retries: 2,
    })),
    limits: { max_batch_size: 64, max_body_kb: 512, rate_per_s: 100 },
    fallback: null,
  };
  return { kind: 'settings', value, dictionaries: ['/logging/loggers'], lists: ['/upstreams'] };
}

function users(random: Random): ConfigFile {
  const value = {
    policy: { session_minutes: 60, mfa: true, password_days: 90 },
    users: named(random, 8, (name) => ({
      role: random.pick(['admin', 'reader', 'writer']),
      email: `${name}@example.com`,
      ...(random.chance(0.3) ? { expires: '2027-01-01' } : {}),
    })),
    groups: named(random, 4, (name) => ({ members: [name], quota: random.int(10, 99) })),
  };
  return { kind: 'users', value, dictionaries: ['/users', '/groups'], lists: [] };
}

function deployment(random: Random): ConfigFile {
  const value = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'api',
      labels: labels(random, 'api'),
      annotations: { owner: 'shop', wiki: 'a' },
    },
    spec: {
      replicas: random.int(1, 5),
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: labels(random, 'api') },
        spec: {
          containers: some(random, 2, (name) => ({
            name,
            image: `ghcr.io/acme/${name}:${version(random)}`,
            ports: [{ name: 'http', containerPort: 8080 }],
            env: some(random, 4, (key) => ({ name: key.toUpperCase(), value: 'on' })),
            resources: resources(random),
            readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 10 },
          })),
          volumes: [{ name: 'config', configMap: { name: 'api' } }],
        },
      },
    },
  };
  return {
    kind: 'deployment',
    value,
    dictionaries: ['/metadata/labels', '/metadata/annotations', '/spec/template/metadata/labels'],
    lists: [
      '/spec/template/spec/containers',
      '/spec/template/spec/containers/*/env',
      '/spec/template/spec/volumes',
    ],
  };
}

function packages(random: Random): ConfigFile {
  const range = () => `^${version(random)}`;
  const value = {
    name: 'api',
    version: version(random),
    engines: { node: '>=20' },
    scripts: { build: 'tsc', test: 'node --test', lint: 'biome ci .' },
    dependencies: named(random, 9, range),
    devDependencies: { ...named(random, 5, range), typescript: range() },
    files: ['dist', 'README.md'],
  };
  const dictionaries = ['/dependencies', '/devDependencies'];
  return { kind: 'packages', value, dictionaries, lists: [] };
}

function compose(random: Random): ConfigFile {
  const value = {
    services: named(random, 6, (name) => ({
      image: `acme/${name}:${version(random)}`,
      restart: 'unless-stopped',
      ports: [`80${random.int(10, 99)}:80`],
      environment: { LOG_LEVEL: 'info', REGION: 'eu-west-1', WORKERS: random.int(1, 8) },
      ...(random.chance(0.4) ? { healthcheck: { interval: '30s', retries: 3 } } : {}),
    })),
    networks: { front: { driver: 'bridge' }, back: { driver: 'bridge' } },
  };
  return { kind: 'compose', value, dictionaries: ['/services', '/networks'], lists: [] };
}

function alerts(random: Random): ConfigFile {
  const rules = () =>
    some(random, 3, (name) => ({
      alert: `${name}Down`,
      expr: `up{job="${name}"} == 0`,
      for: '5m',
      labels: { severity: 'page', team: 'platform' },
      annotations: { summary: `${name} is down`, runbook: 'https://wiki/runbook' },
    }));
  const value = {
    global: { scrape_interval: '30s', evaluation_interval: '30s' },
    groups: some(random, 2, (name) => ({ name, interval: '1m', rules: rules() })),
  };
  return {
    kind: 'alerts',
    value,
    dictionaries: ['/groups/*/rules/*/labels', '/groups/*/rules/*/annotations'],
    lists: ['/groups', '/groups/*/rules'],
  };
}
