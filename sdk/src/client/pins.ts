import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';

/** The version that a `run` sees, until it ends. What it left running sees the active one again. */
interface Pin<Version> {
  version: Version | undefined;
}

/** Of all bundles, so that the getter of a value finds it without a detour. */
let running = 0;

/** Whether anyone may see another version than the active one. Costs one comparison. */
export function isAnyRunning(): boolean {
  return running > 0;
}

/** Who sees which version. */
export class Pins<Version> {
  /** Made by the first `run`: on Node 22 it makes every promise of the process slower. */
  #storage: AsyncLocalStorage<Pin<Version> | undefined> | undefined;

  pinned(): Version | undefined {
    return this.#storage?.getStore()?.version;
  }

  /** Calls `fn`, which sees this version until it returns, or until its promise is settled. */
  run<R>(version: Version, fn: () => R): R {
    this.#storage ??= new AsyncLocalStorage();
    const pin: Pin<Version> = { version };
    const end = () => {
      pin.version = undefined;
      running -= 1;
    };
    running += 1;
    let result: R;
    try {
      result = this.#storage.run(pin, fn);
    } catch (error) {
      end();
      throw error;
    }
    // Only of a real promise: `then` of a query builder would send the query a second time. The app gets the
    // promise after `end`: beside it, a rejection that the app forgets to handle would go unnoticed.
    if (types.isPromise(result)) return result.finally(end) as R;
    end();
    return result;
  }

  /** Calls `fn` outside of any `run`: the app's hooks and listeners see the active version, whatever caused the change. */
  outside<R>(fn: () => R): R {
    return this.#storage === undefined ? fn() : this.#storage.run(undefined, fn);
  }
}
