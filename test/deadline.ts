/**
 * How long a test waits for an event before it fails: at least ten times what the slowest of them takes
 * on an idle machine, so that a loaded one only makes the tests slower, and more than two proofs that take all of
 * `PROOF_WITHIN`. No test passes sooner or later for it.
 */
export const DEADLINE_MS = 180_000;

/** `confirm.within`: enough for a busy machine to prove a good change; a bad one takes all of it. */
export const PROOF_WITHIN = '30s';

/** Ends only a hang: a mirror or a registry that gives no answer would hold up all of CI. */
export const DOWNLOAD_WITHIN_MS = 10 * 60_000;
