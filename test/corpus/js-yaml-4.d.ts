/** js-yaml 4 has no types. */
declare module 'js-yaml-4' {
  export const DEFAULT_SCHEMA: { extend(types: readonly Type[]): object };
  export class Type {
    constructor(tag: string, options: { readonly kind: string; readonly multi: boolean });
  }
  export function loadAll(
    text: string,
    each: undefined,
    options: { readonly schema: object },
  ): unknown[];
}
