import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MIXIN } from './jsonnet.ts';

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant: boolean;
  readonly datasource: Datasource;
}

interface Datasource {
  readonly type: string;
  readonly uid: string;
}

/** A panel of Grafana, as far as the tests read it. */
export interface Panel {
  readonly id: number;
  readonly type: 'row' | 'stat' | 'table' | 'state-timeline' | 'timeseries';
  readonly title: string;
  readonly description?: string;
  readonly datasource?: Datasource;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets?: readonly Target[];
  readonly transformations?: readonly {
    readonly id: string;
    readonly options: {
      readonly indexByName?: Readonly<Record<string, number>>;
      readonly renameByName?: Readonly<Record<string, string>>;
    };
  }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

export interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly editable: boolean;
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly label: string;
      readonly allValue?: string;
      readonly query: string | { readonly query: string };
    }[];
  };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly panels: readonly Panel[];
}

/** The rendered dashboard. */
export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(join(MIXIN, 'dashboard.json'), 'utf8'));
}

/** An expression as Grafana sends it, with "All" for each variable. `$1` is not one: `label_replace` reads it. */
export function expand(expression: string, rateInterval: string): string {
  return expression.replaceAll('$__rate_interval', rateInterval).replaceAll(/\$[a-z]\w*/g, '.*');
}
