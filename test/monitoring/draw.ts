/** Draws the panels of the dashboard from the results of their queries: Grafana cannot be installed here. */
import type { Panel } from './dashboard.ts';

/** A series, with its values over time; of a query for one moment, there is one value. */
export interface DrawnSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [seconds: number, value: string])[];
}

/** What Prometheus answered to the queries of a panel, in their order. */
export interface DrawnPanel {
  readonly panel: Panel;
  readonly results: readonly (readonly DrawnSeries[])[];
}

const COLUMN_PX = 58;
const ROW_PX = 32;
const MARGIN_PX = 8;
const CHART = { left: 46, right: 10, top: 8, bottom: 22 };
const COLORS = [
  '#3274d9',
  '#37872d',
  '#e0752d',
  '#c4162a',
  '#8f3bb8',
  '#0a8a8a',
  '#7c6a0a',
  '#555',
];

const STYLE = `body { margin: 0; background: #f4f5f5; font: 12px sans-serif; position: relative }
section { position: absolute; background: #fff; border: 1px solid #ddd; overflow: hidden }
section.row { background: none; border: 0; font-weight: bold; font-size: 15px }
h2 { font-size: 13px; margin: 6px 8px } p { font-size: 34px; text-align: center; margin: 12px }
table { border-collapse: collapse; margin: 4px 8px } td, th { text-align: left; padding: 2px 10px 2px 0 }
figcaption { padding: 0 8px; font-size: 11px } i { display: inline-block; width: 10px; height: 10px; margin: 0 4px 0 10px }`;

/** A page of HTML without scripts. */
export function drawDashboard(panels: readonly DrawnPanel[], title: string): string {
  const rows = panels.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h);
  const height = Math.max(...rows) * ROW_PX;
  const body = panels.map(drawPanel).join('\n');
  return `<!doctype html><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${STYLE}</style>
<body style="height:${height}px">${body}`;
}

/** The size of the page of {@link drawDashboard}, in pixels. */
export function sizeOf(panels: readonly DrawnPanel[]): { width: number; height: number } {
  const bottoms = panels.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h);
  return { width: 24 * COLUMN_PX, height: Math.max(...bottoms) * ROW_PX };
}

function drawPanel({ panel, results }: DrawnPanel): string {
  const { x, y, w, h } = panel.gridPos;
  const size = { width: w * COLUMN_PX - MARGIN_PX, height: h * ROW_PX - MARGIN_PX };
  const place = `left:${x * COLUMN_PX}px;top:${y * ROW_PX}px;width:${size.width}px;height:${size.height}px`;
  if (panel.type === 'row')
    return `<section class="row" style="${place}">${escapeHtml(panel.title)}</section>`;
  const content = contentOf(panel, results, size);
  return `<section style="${place}"><h2>${escapeHtml(panel.title)}</h2>${content}</section>`;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function contentOf(panel: Panel, results: DrawnPanel['results'], size: Size): string {
  switch (panel.type) {
    case 'stat':
      return `<p>${escapeHtml(results[0]?.[0]?.values.at(-1)?.[1] ?? 'no data')}</p>`;
    case 'table':
      return drawTable(panel, results);
    default:
      return drawChart(panel, results, { width: size.width, height: size.height - 60 });
  }
}

/** Merges the results by their labels, as the transformations of the panel do. */
function drawTable(panel: Panel, results: DrawnPanel['results']): string {
  const { indexByName = {}, renameByName = {} } = organizationOf(panel);
  const columns = Object.keys(indexByName).toSorted(
    (one, other) => (indexByName[one] ?? 0) - (indexByName[other] ?? 0),
  );
  const rows = new Map<string, Record<string, string>>();
  for (const [index, result] of results.entries())
    for (const { metric, values } of result) {
      const key = [metric.namespace, metric.pod, metric.bundle].join('/');
      const value = { [`Value #${String.fromCharCode(65 + index)}`]: values.at(-1)?.[1] ?? '' };
      rows.set(key, { ...rows.get(key), ...metric, ...value });
    }
  const cell = (tag: string, text: string) => `<${tag}>${escapeHtml(text)}</${tag}>`;
  const head = columns.map((name) => cell('th', renameByName[name] ?? name)).join('');
  const lines = [...rows.values()].map((row) =>
    columns
      .map((name) => cell('td', formatCell(renameByName[name] ?? name, row[name] ?? '')))
      .join(''),
  );
  return `<table><tr>${head}</tr>${lines.map((line) => `<tr>${line}</tr>`).join('')}</table>`;
}

function formatCell(name: string, value: string): string {
  if (name === 'since') return new Date(Number(value)).toISOString().slice(11, 19);
  return name === 'degraded' ? (value === '1' ? 'yes' : 'no') : value;
}

interface Organization {
  readonly indexByName?: Readonly<Record<string, number>>;
  readonly renameByName?: Readonly<Record<string, string>>;
}

function organizationOf({ transformations = [] }: Panel): Organization {
  return transformations.find(({ id }) => id === 'organize')?.options ?? {};
}

/** Lines over time, each with its legend. Bars and areas are lines here too. */
function drawChart(panel: Panel, results: DrawnPanel['results'], { width, height }: Size): string {
  const lines = results.flatMap((result, index) => {
    const legend = panel.targets?.[index]?.legendFormat ?? '';
    return result.map(({ metric, values }) => ({
      legend: legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ''),
      points: values.map(([seconds, value]) => [seconds, Number(value)] as const),
    }));
  });
  const points = lines.flatMap((line) => line.points).filter(([, value]) => Number.isFinite(value));
  const times = points.map(([seconds]) => seconds);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const top = Math.max(...points.map(([, value]) => value)) || 1;
  const plot = {
    width: width - CHART.left - CHART.right,
    height: height - CHART.top - CHART.bottom,
  };
  const xOf = (seconds: number) => CHART.left + ((seconds - from) / (to - from || 1)) * plot.width;
  const yOf = (value: number) => CHART.top + (1 - value / top) * plot.height;
  const drawn = lines.map(({ points }, index) => {
    const shown = points.filter(([, value]) => Number.isFinite(value));
    const path = shown.map(
      ([seconds, value]) => `${xOf(seconds).toFixed(1)},${yOf(value).toFixed(1)}`,
    );
    return `<polyline fill="none" stroke-width="2" stroke="${colorOf(index)}" points="${path.join(' ')}"/>`;
  });
  const axis = [0, top / 2, top].map(
    (value) =>
      `<text x="2" y="${yOf(value) + 4}" font-size="11">${formatValue(value)}</text><line x1="${CHART.left}" x2="${width - CHART.right}" y1="${yOf(value)}" y2="${yOf(value)}" stroke="#ddd"/>`,
  );
  const clock = [from, to].map(
    (seconds, index) =>
      `<text x="${index === 0 ? CHART.left : width - 60}" y="${height - 6}" font-size="11">${new Date(seconds * 1000).toISOString().slice(11, 19)}</text>`,
  );
  const legend = lines.map(
    (line, index) => `<i style="background:${colorOf(index)}"></i>${escapeHtml(line.legend)}`,
  );
  return `<figure style="margin:0"><svg width="${width}" height="${height}">${[...axis, ...clock, ...drawn].join('')}</svg><figcaption>${legend.join('')}</figcaption></figure>`;
}

function colorOf(index: number): string {
  return COLORS[index % COLORS.length] ?? '#000';
}

function formatValue(value: number): string {
  if (value >= 2 ** 20) return `${(value / 2 ** 20).toFixed(0)} Mi`;
  return Number(value.toPrecision(2)).toString();
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
