// Reports entities that a feature view names and that no line defines, as file:line:column, which
// lastgood reads. Exits with 1 if there are any.
import { readFileSync } from 'node:fs';

const [path = 'features.py'] = process.argv.slice(2);
const lines = readFileSync(path, 'utf8').split('\n');
const defined = new Set(lines.flatMap((line) => /^(\w+) = Entity\(/.exec(line)?.[1] ?? []));

for (const [index, line] of lines.entries()) {
  const list = /\bentities=\[([^\]]*)\]/d.exec(line);
  for (const { 0: name, index: offset } of list?.[1]?.matchAll(/\w+/g) ?? []) {
    if (defined.has(name)) continue;
    const column = (list?.indices?.[1]?.[0] ?? 0) + offset + 1;
    console.error(`${path}:${index + 1}:${column}: entity ${name} is not defined`);
    process.exitCode = 1;
  }
}
