import { DemoFailure } from './failure.ts';
import { exampleFile } from './pod.ts';

/** The contents that the ConfigMap has, one after the other. */
export interface Edits {
  readonly first: string;
  readonly good: string;
  readonly typo: string;
  readonly schema: string;
  readonly refused: string;
  readonly crash: string;
  readonly fix: string;
}

/** Makes each from the example's `config.yaml`, line for line, so that a diff needs no search. */
export function makeEdits(): Edits {
  const first = exampleFile('config.yaml');
  const good = edited(first, [
    ['num_labels: 3', 'num_labels: 5'],
    ['review-sentiment-v7', 'review-sentiment-v8'],
  ]);
  const crash = edited(good, [['max_wait_ms: 5', 'max_wait_ms: 10']]);
  return {
    first,
    good,
    typo: edited(good, [['  num_workers: 2', '   num_workers: 4']]),
    schema: edited(good, [['max_batch_size: 32', 'max_batch_size: 3200']]),
    refused: edited(good, [['device: cpu', 'device: cuda']]),
    crash,
    fix: edited(crash, [['precision: fp32', 'precision: int8']]),
  };
}

function edited(text: string, changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new DemoFailure(`config.yaml has no "${from}"`);
    return result.replace(from, to);
  }, text);
}
