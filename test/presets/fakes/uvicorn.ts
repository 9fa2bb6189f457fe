/**
 * A fake `uvicorn --workers 2`: the supervisor catches SIGHUP and restarts its workers one after another,
 * each once the old one has ended, and restarts one that has died. Newer versions start the new one first.
 * Source: uvicorn documentation, Deployment, Built-in; uvicorn/supervisors/multiprocess.py, `restart_all`.
 * Arguments: the directory that a worker reads when it starts, and the port.
 */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';

const WORKERS = 2;
/** Between two starts of a worker that dies each time. */
const AGAIN_MS = 100;

const [dir = '', port] = process.argv.slice(2);

function supervise(): void {
  const workers: Worker[] = Array.from({ length: WORKERS }, () => cluster.fork());
  cluster.on('exit', (worker) => {
    const index = workers.indexOf(worker);
    if (index === -1) return;
    setTimeout(() => {
      if (workers[index] === worker) workers[index] = cluster.fork();
    }, AGAIN_MS);
  });
  process.on('SIGHUP', async () => {
    for (const [index, old] of workers.entries()) {
      const ended = old.isDead() ? undefined : once(old, 'exit');
      old.process.kill();
      await ended;
      workers[index] = cluster.fork();
    }
  });
  process.on('SIGTERM', () => {
    for (const worker of workers) worker.process.kill();
    process.exit(0);
  });
}

function work(): void {
  const { greeting } = JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8'));
  if (typeof greeting !== 'string') process.exit(3);
  http.createServer((_request, response) => response.end(greeting)).listen(Number(port));
}

if (cluster.isPrimary) supervise();
else work();
