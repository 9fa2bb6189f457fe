import type { Rule } from './rule.ts';
import { backOff } from './rules/back-off.ts';
import { decimalMode } from './rules/decimal-mode.ts';
import { encodedTwice, notEncoded } from './rules/encoding.ts';
import { env } from './rules/env.ts';
import { envAndFile } from './rules/env-and-file.ts';
import { fileKeyRef } from './rules/file-key-ref.ts';
import { gitRepo } from './rules/git-repo.ts';
import { kubernetes } from './rules/kubernetes.ts';
import { latest } from './rules/latest.ts';
import { limits } from './rules/limits.ts';
import { liveness } from './rules/liveness.ts';
import { missing, optional } from './rules/missing.ts';
import { reloadPort, reloadService } from './rules/reload-url.ts';
import { restartPolicy } from './rules/restart-policy.ts';
import { role } from './rules/role.ts';
import { secret } from './rules/secret.ts';
import { settings } from './rules/settings.ts';
import { signal, signalUser } from './rules/signal.ts';
import { token } from './rules/token.ts';
import { twoMechanisms } from './rules/two-mechanisms.ts';
import { unreadable } from './rules/unreadable.ts';
import { watchedFile } from './rules/watched-file.ts';

/** All rules, in the order of docs/doctor.md. */
export const RULES: readonly Rule[] = [
  env,
  envAndFile,
  missing,
  optional,
  encodedTwice,
  notEncoded,
  unreadable,
  decimalMode,
  watchedFile,
  settings,
  signal,
  signalUser,
  reloadPort,
  reloadService,
  liveness,
  restartPolicy,
  backOff,
  token,
  twoMechanisms,
  secret,
  role,
  limits,
  gitRepo,
  fileKeyRef,
  kubernetes,
  latest,
];
