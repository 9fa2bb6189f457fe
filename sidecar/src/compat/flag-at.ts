import type { Pointer } from '@lastgood/core/formats/format.ts';

/** Where the values of the flags stand in the document: keys and indexes by dots, `*` for any. */
export type FlagPlaces = readonly (readonly [place: string, flag: string])[];

/** The name of the flag that a part of the document is made of: the first whose place it is in. */
export function flagAt(places: FlagPlaces, path: Pointer): string | undefined {
  const found = places.find(([place]) =>
    place.split('.').every((part, index) => part === '*' || part === String(path[index])),
  );
  return found?.[1];
}
