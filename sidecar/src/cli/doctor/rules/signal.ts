import { valueAt } from '@lastgood/core/model/pointer.ts';
import { quote } from '@lastgood/core/model/quote.ts';
import { type Container, userOf } from '../../manifests/pods.ts';
import { reloadersOf, scriptOf } from '../reloaders.ts';
import type { Rule, RuleContext } from '../rule.ts';

export const signal: Rule = {
  code: 'LG_DOCTOR_SIGNAL',
  severity: 'error',
  why: `Each container sees only its own processes, unless the pod has \`shareProcessNamespace: true\`. Without it,
the reloader never finds the process that it must signal or restart.`,
  check: (context) =>
    sendersOf(context)
      .filter(({ pod: { spec } }) => spec.shareProcessNamespace !== true && spec.hostPID !== true)
      .map(({ pod, name, at }) => ({ object: pod.object, at, args: [quote(name)] })),
};

export const signalUser: Rule = {
  code: 'LG_DOCTOR_SIGNAL_USER',
  severity: 'error',
  why: `The kernel lets a process signal only processes of the same user, unless it is root or has the capability
\`KILL\`. Not reported where the manifest does not say which users the containers run as.`,
  check: (context) =>
    sendersOf(context).flatMap((sender) => {
      const user = userOf(sender);
      const others = othersOf(sender).map(userOf);
      if (typeof user !== 'number' || user === 0 || mayKill(sender)) return [];
      const [app] = others;
      if (others.some((other) => typeof other !== 'number' || other === user)) return [];
      const args = [quote(sender.name), user, app];
      const fix = `set securityContext.runAsUser: ${app} for the container ${quote(sender.name)}`;
      return { object: sender.pod.object, at: sender.at, args, fix };
    }),
};

/** Containers that signal or restart a process of another container. */
function sendersOf({ pods, settings }: RuleContext): readonly Container[] {
  return pods
    .filter((pod) => pod.containers.filter(({ role }) => role !== 'init').length > 1)
    .flatMap((pod) => {
      const lastgood = settings.get(pod);
      const signals = lastgood?.settings.bundles.some(({ targets }) =>
        targets.some((target) => 'signal' in target || 'restart' in target),
      );
      const others = reloadersOf(pod).map(({ container }) => container);
      return [
        ...(lastgood !== undefined && signals ? [lastgood.container] : []),
        ...others.filter((each) => signalsByFlag(each) || signalsByName(each)),
      ];
    });
}

function signalsByFlag({ words }: Container): boolean {
  return words.some(({ text }) => text === '--reload-method=signal');
}

const SENDS = /\b(?:killall|pkill|pidof|pgrep)\s+(?:-\S+\s+)*([A-Za-z][\w.-]*)/;

/** A shell that names the process once does not start it itself. */
function signalsByName(container: Container): boolean {
  const script = scriptOf(container);
  const name = SENDS.exec(script)?.[1];
  return name !== undefined && script.split(name).length === 2;
}

function othersOf(sender: Container): readonly Container[] {
  return sender.pod.containers.filter((each) => each !== sender && each.role !== 'init');
}

function mayKill({ value }: Container): boolean {
  const added = valueAt(value, ['securityContext', 'capabilities', 'add']);
  return Array.isArray(added) && ['KILL', 'CAP_KILL', 'ALL'].some((each) => added.includes(each));
}
