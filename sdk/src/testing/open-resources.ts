import type { Config, View } from '../config.ts';
import type { Resource } from '../config-resource.ts';

type Stats = ReturnType<Resource<unknown>['stats']>;

/** The resources of configs, noted as the app makes them. */
export class OpenResources {
  readonly #all = new Set<Resource<unknown>>();

  watchConfig(config: Config<unknown>): void {
    this.#watchView(config);
    const { view } = config;
    const watched = async (...args: Parameters<typeof view>) => {
      const made = await view.apply(config, args);
      this.#watchView(made);
      return made;
    };
    Object.assign(config, { view: watched });
  }

  #watchView(view: View<unknown>): void {
    const { resource } = view;
    const watched = async (...args: Parameters<typeof resource>) => {
      const made = await resource.apply(view, args);
      this.#all.add(made);
      return made;
    };
    Object.assign(view, { resource: watched });
  }

  /** The sums of all. */
  stats(): Stats {
    const sum = { open: 0, inUse: 0, draining: 0 };
    for (const each of this.#all) {
      const { open, inUse, draining } = each.stats();
      sum.open += open;
      sum.inUse += inUse;
      sum.draining += draining;
    }
    return sum;
  }
}
