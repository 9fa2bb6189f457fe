/** Thrown by work in the main thread that must be repeated in a worker thread, before it takes much. */
export class TooHeavyHere extends Error {}
