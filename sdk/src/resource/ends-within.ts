import { startTimer } from '../timer.ts';

/** Whether `work` is settled within so many milliseconds. Does not keep the process alive meanwhile. */
export function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = startTimer(ms, () => resolve(false));
    const end = () => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(end, end);
  });
}
