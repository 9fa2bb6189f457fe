import type { DoctorCode } from '@lastgood/core/model/doctor-errors.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { Part, Pointer } from '@lastgood/core/model/pointer.ts';
import type { ConfigObject } from '../manifests/config-object.ts';
import type { ManifestObject } from '../manifests/objects.ts';
import type { Pod } from '../manifests/pods.ts';
import type { Tools } from '../manifests/tools.ts';
import type { SettingsOfPods } from './settings-of-pods.ts';

/** All that the rules see: every object in every input. */
export interface RuleContext extends SettingsOfPods {
  readonly objects: readonly ManifestObject[];
  readonly configs: readonly ConfigObject[];
  readonly pods: readonly Pod[];
  readonly tools: Tools;
  /** The minor version of Kubernetes 1, if it is known. */
  readonly minor: number | undefined;
}

/** One rule of `lastgood doctor`. */
export interface Rule {
  readonly code: DoctorCode;
  readonly severity: Finding['severity'];
  /** Why it matters, in Markdown. */
  readonly why: string;
  check(context: RuleContext): readonly Problem[];
}

/** What a rule found, and where. */
export interface Problem {
  readonly object: ManifestObject;
  readonly at: Pointer;
  readonly part?: Part;
  /** Where in the text at `at`, from its start on. */
  readonly offset?: number | undefined;
  /** Where, if that is not at `at`. */
  readonly location?: Required<Location>;
  /** Of the message of the code. Never a value that may be secret (P8). */
  readonly args: readonly unknown[];
  /** The change that solves it, if the hint of the code does not say it all. */
  readonly fix?: string;
  readonly severity?: Finding['severity'];
}
