import type { Random } from '../rollout/random.ts';
import { type ConfigFile, newName } from './files.ts';
import {
  isTree,
  pickFrom,
  read,
  remove,
  rename,
  type Slot,
  settingsOf,
  slotsAt,
  slotsOf,
  write,
} from './parts.ts';

/** A kind of edit, and how often people make it, in parts of all. */
export interface EditKind {
  readonly name: string;
  readonly weight: number;
  /** Changes a file; false if it has nothing to change in this way. */
  apply(file: ConfigFile, random: Random): boolean;
}

type Change = (slot: Slot, file: ConfigFile, random: Random) => void;

/** An edit of one of the slots that suit it. */
function editOf(
  ...[name, weight, slotsOfFile, change]: [
    name: string,
    weight: number,
    slotsOfFile: (file: ConfigFile) => readonly Slot[],
    change: Change,
  ]
): EditKind {
  return {
    name,
    weight,
    apply: (file, random) => {
      const slot = pickFrom(random, slotsOfFile(file));
      if (slot !== undefined) change(slot, file, random);
      return slot !== undefined;
    },
  };
}

const scalars = (isKind: (value: unknown) => boolean) => (file: ConfigFile) =>
  slotsOf(file).filter((slot) => isKind(read(slot)));
const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isNumber = (value: unknown) => typeof value === 'number' && value > 0;
const isBlock = (value: unknown) => typeof value === 'object' && value !== null;

const dictionariesOf = (file: ConfigFile) => slotsAt(file, file.dictionaries);
const listsOf = (file: ConfigFile) => slotsAt(file, file.lists);
const entriesOf = (slots: readonly Slot[]) =>
  slots.flatMap((slot) => {
    const parent = read(slot) as Slot['parent'];
    const keys = Array.isArray(parent) ? [...parent.keys()] : Object.keys(parent);
    // The last one stays: an empty list is another edit.
    return keys.length < 2 ? [] : keys.map((key) => ({ parent, key, path: [...slot.path, key] }));
  });
const entriesOfDictionaries = (file: ConfigFile) => entriesOf(dictionariesOf(file));
const entriesOfLists = (file: ConfigFile) => entriesOf(listsOf(file));

const isEmpty = (value: unknown) =>
  value === null || value === '' || (isBlock(value) && Object.keys(value as object).length === 0);
const settings = (isKind: (value: unknown) => boolean) => (file: ConfigFile) =>
  settingsOf(file).filter((slot) => isKind(read(slot)));
const isSetting = (value: unknown) => !isEmpty(value);
const isLarge = (value: unknown) => isTree(value) && Object.keys(value).length >= 4;

/** A further entry like one that is there. */
function copyOfEntry(slot: Slot, random: Random): unknown {
  const entry = structuredClone(random.pick(Object.values(read(slot) as object)));
  if (isTree(entry) && 'name' in entry) entry.name = newName(random);
  return entry;
}

function addToList(slot: Slot, entry: unknown): void {
  (read(slot) as unknown[]).push(entry);
}

/** Takes a key out of an entry, or out of a mapping in it; not the one that names it. */
function leaveOutKey(entry: unknown, random: Random): void {
  if (!isTree(entry)) return;
  const keys = Object.keys(entry).filter((key) => !['name', 'title', 'alert'].includes(key));
  if (keys.length > 0) delete entry[random.pick(keys)];
}

const setting = (random: Random) => ({ enabled: true, value: random.int(1, 100) });

/** What people mean to do, in about the proportions of real histories of configuration files. */
export const ORDINARY_EDITS: readonly EditKind[] = [
  editOf('another text', 30, scalars(isText), (slot, _file, random) =>
    write(slot, `${read(slot)}-${random.int(1, 9)}`),
  ),
  editOf('another number', 14, scalars(isNumber), (slot, _file, random) =>
    write(slot, Math.max(1, Math.round(Number(read(slot)) * (0.4 + random.next() * 3)))),
  ),
  editOf(
    'a flag',
    5,
    scalars((value) => typeof value === 'boolean'),
    (slot) => write(slot, !read(slot)),
  ),
  editOf('a new setting', 9, settings(isTree), (slot, _file, random) => {
    (read(slot) as Record<string, unknown>)[newName(random)] = setting(random);
  }),
  editOf('a new entry of a list', 9, listsOf, (slot, _file, random) =>
    addToList(slot, copyOfEntry(slot, random)),
  ),
  editOf('a new entry without a key of the others', 3, listsOf, (slot, _file, random) => {
    const entry = copyOfEntry(slot, random);
    leaveOutKey(entry, random);
    addToList(slot, entry);
  }),
  editOf('an entry less in a list', 5, entriesOfLists, remove),
  editOf('a new entry of a dictionary', 7, dictionariesOf, (slot, _file, random) => {
    const dictionary = read(slot) as Record<string, unknown>;
    dictionary[newName(random)] = copyOfEntry(slot, random);
  }),
  editOf('an entry less in a dictionary', 5, entriesOfDictionaries, remove),
  editOf('another name of an entry', 1, entriesOfDictionaries, (slot, _file, random) =>
    rename(slot, newName(random)),
  ),
  editOf('another name of a setting', 1, settings(isSetting), (slot) =>
    rename(slot, `${slot.key}_v2`),
  ),
  editOf('another setting in its place', 2, settings(isSetting), (slot, _file, random) => {
    remove(slot);
    (slot.parent as Record<string, unknown>)[newName(random)] = setting(random);
  }),
  editOf('settings in a new block', 1, settings(isTree), (slot, _file, random) =>
    write(slot, { [newName(random)]: read(slot) }),
  ),
  editOf('a setting less, on purpose', 1.5, settings(isSetting), remove),
  editOf('a placeholder less', 1, settings(isEmpty), remove),
  editOf('a placeholder with a value', 1, settings(isEmpty), (slot, _file, random) =>
    write(slot, setting(random)),
  ),
  editOf('a text in place of a number', 0.5, scalars(isNumber), (slot) =>
    write(slot, `${read(slot)}m`),
  ),
];

/** What people take back later. Of those above the line a shape can show something. */
export const REVERTED_EDITS: readonly EditKind[] = [
  editOf(
    'a lost block',
    10,
    settings((value) => isBlock(value) && !isEmpty(value)),
    remove,
  ),
  editOf('a lost setting', 5, settings(isSetting), remove),
  editOf('a number in quotes', 4, settings(isNumber), (slot) => write(slot, String(read(slot)))),
  editOf('a key at the wrong level', 5, nestedSettings, (slot, file) => {
    const value = read(slot);
    remove(slot);
    file.value[String(slot.key)] = value;
  }),
  editOf('a misspelt key', 4, misspellable, (slot) => rename(slot, misspelt(slot))),
  editOf('another block in its place', 2, settings(isLarge), (slot, _file, random) =>
    write(slot, { [newName(random)]: setting(random), [newName(random)]: setting(random) }),
  ),
  editOf('a number off by 1000', 4, settings(isNumber), (slot) =>
    write(slot, Number(read(slot)) * 1000),
  ),
  // A shape does not show these.
  editOf('a wrong text', 40, scalars(isText), (slot) => write(slot, `${read(slot)}x`)),
  editOf('a wrong number', 20, scalars(isNumber), (slot) => write(slot, Number(read(slot)) * 10)),
  editOf(
    'a wrong flag',
    8,
    scalars((value) => typeof value === 'boolean'),
    (slot) => write(slot, !read(slot)),
  ),
  editOf('an entry that is needed', 4, entriesOfLists, remove),
];

/** Settings whose last two letters differ. */
function misspellable(file: ConfigFile): readonly Slot[] {
  return settings(isSetting)(file).filter((slot) => {
    const key = String(slot.key);
    return /^[a-z]{4,}$/i.test(key) && key.at(-1) !== key.at(-2);
  });
}

/** With the last two letters swapped. */
function misspelt({ key }: Slot): string {
  return String(key).replace(/(.)(.)$/, '$2$1');
}

/** Settings inside of a mapping, whose key the top does not have. */
function nestedSettings(file: ConfigFile): readonly Slot[] {
  return settings(isSetting)(file).filter(
    ({ path, key }) => path.length > 1 && !Object.hasOwn(file.value, String(key)),
  );
}
