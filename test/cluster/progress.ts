export type Report = (line: string) => void;

const REPEAT_EVERY_MS = 15_000;

/** Reports each step, and again while it lasts, so that a long one does not look like a hang. */
export async function withProgress<T>(
  report: Report,
  perform: (report: Report) => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await perform((line) => {
      clearInterval(timer);
      report(line);
      const [action] = line.split(' ');
      const startedMs = performance.now();
      timer = setInterval(() => {
        report(`still ${action}, ${Math.round((performance.now() - startedMs) / 1_000)} s`);
      }, REPEAT_EVERY_MS);
    });
  } finally {
    clearInterval(timer);
  }
}
