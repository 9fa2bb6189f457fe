import { measureRates, type Rate, reportedFraction } from './rates.ts';

/**
 * Prints which edits `shape: warn` reports, by kind. An argument sets how many histories there are:
 * `npx node test/edits/main.ts 2000`.
 */
const histories = Number(process.argv[2] ?? 1000);

const percent = (part: number) => `${(100 * part).toFixed(1).padStart(5)} %`;

function print(title: string, rates: ReadonlyMap<string, Rate>): void {
  process.stdout.write(`${percent(reportedFraction(rates))}  of ${title}\n`);
  for (const [kind, { edits, reported }] of rates)
    process.stdout.write(`  ${percent(reported / edits)}  ${kind} (${reported} of ${edits})\n`);
}

const { ordinary, reverted } = measureRates(Array.from({ length: histories }, (_, at) => at + 1));
print('ordinary edits are reported', ordinary);
print('reverted edits are reported', reverted);
