import { mkdtempSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { startLimited } from '../pipeline/limited-pod.ts';
import { Pod } from '../pipeline/pod.ts';

const MIB = 2 ** 20;
const VERSIONS = 4;

/** 1 MiB in which each line is one more value. */
function fill(line: (index: number) => string, [first, last]: readonly [string, string]): string {
  const lines: string[] = [];
  for (let index = 0, left = MIB - 16; ; index += 1) {
    const text = line(index);
    left -= text.length + 1;
    if (left < 0) return `${first}${lines.join(',')}${last}`;
    lines.push(text);
  }
}

const DENSE: Readonly<Record<string, (version: number) => string>> = {
  'keys.json': (version) => fill((index) => `"k${index.toString(16)}":${version}`, ['{', '}']),
  'objects.json': (version) => fill((index) => `{"n":${index},"v":${version}}`, ['[', ']']),
  'texts.json': (version) => fill((index) => `"${version}-${index}"`, ['[', ']']),
  'keys.json5': (version) => fill((index) => `k${index.toString(16)}:${version}`, ['{', '}']),
  'keys.yaml': (version) => fill((index) => `k${index.toString(16)}: ${version}`, ['{', '}']),
};

for (const [name, contentOf] of Object.entries(DENSE))
  test(`P9: a sidecar in 64 MiB survives 1 MiB of the densest ${name}, also beside the last good one`, async (context) => {
    const pod = await Pod.create(context, {});
    // Not on the tmpfs of the other files, which would count as memory of the container.
    const stateDir = mkdtempSync('/var/tmp/lastgood-state-');
    context.after(() => rmSync(stateDir, { recursive: true }));
    await pod.configured({ stateDir });
    await pod.write({ [name]: contentOf(1) });
    const isLimited = await startLimited(context, pod);
    if (!isLimited) return context.skip('this machine lets no limit be set');
    await pod.outcome('committed');
    for (let version = 2; version <= VERSIONS; version += 1) {
      const since = pod.lines.length;
      await pod.write({ [name]: contentOf(version) });
      await pod.outcome('committed', since);
    }
  });
