/** What lastgood and an app exchange. Types only: the client comes on top of them. */
export type {
  PrepareEvent,
  ReloadEvent,
  ReloadReason,
} from '@lastgood/core/model/reload-event.ts';
export type { Version } from '@lastgood/core/model/snapshot.ts';
