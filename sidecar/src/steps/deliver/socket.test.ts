import assert from 'node:assert/strict';
import { once } from 'node:events';
import { linkSync, renameSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { EVENT } from '@lastgood/core/model/reload-event.testing.ts';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { heldClock } from '../../io/process/run-command.testing.ts';
import type { SocketSettings } from '../../settings/settings.ts';
import { createSocket } from './socket.ts';

interface Asked extends Partial<SocketSettings> {
  readonly clock?: Clock;
  readonly sealed?: boolean;
}

function targetAt(path: string, { clock = systemClock, sealed = false, ...settings }: Asked = {}) {
  return createSocket(
    {
      path,
      send: 'reload',
      success: '',
      refused: undefined,
      timeoutMs: DEADLINE_MS,
      retries: { attempts: 5, backoffMs: 1_000, maxMs: 30_000 },
      ...settings,
    },
    { clock, sealed },
  );
}

/** Listens on a socket, and gives its path. */
async function listen(t: TestContext, onClient: (client: net.Socket) => void): Promise<string> {
  const path = join(temporaryDirectory(t), 'app.sock');
  const clients = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    client.on('error', () => {});
    onClient(client);
  });
  t.after(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  await once(server.listen(path), 'listening');
  return path;
}

/**
 * Both ends of a connection are in this process: what either has written, the other has received
 * when the event loop has looked at all of its sockets once more.
 */
async function received(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

interface Answering extends Asked {
  readonly open?: boolean;
  /** All parts have been received. */
  readonly onSaid?: () => void;
}

/** What comes of an app that answers with these parts, and then ends the connection or does not. */
async function answer(
  t: TestContext,
  parts: readonly string[],
  { open = false, onSaid, ...asked }: Answering = {},
): Promise<string> {
  const path = await listen(t, (client) =>
    client.once('data', async () => {
      for (const part of parts) {
        await new Promise((resolve) => client.write(part, resolve));
        await received();
      }
      onSaid?.();
      if (!open) client.end();
    }),
  );
  const { answer, findings } = await targetAt(path, asked).deliver(EVENT, never);
  return [answer, ...findings.map(({ message }) => message.replace(`socket ${path} `, ''))].join(
    ': ',
  );
}

const never = new AbortController().signal;

test('one line is sent, with one line end', async (t) => {
  for (const [send, expected] of [
    ['reload', 'reload\n'],
    ['@1 a\nreload\n', '@1 a\nreload\n'],
  ] as const) {
    const seen: string[] = [];
    const path = await listen(t, (client) =>
      client.setEncoding('utf8').once('data', (text) => {
        seen.push(String(text));
        client.end('ok\n');
      }),
    );
    assert.equal((await targetAt(path, { send }).deliver(EVENT, never)).answer, 'accepted');
    assert.deepEqual(seen, [expected]);
  }
});

test('everything until the app ends the connection is the reply', async (t) => {
  const patterns = { success: '^Success=1$', refused: '^Success=0$' };
  const log = '--\n[NOTICE] loaded\n';
  assert.equal(await answer(t, ['Succ', `ess=1\n${log}`], patterns), 'accepted');
  assert.equal(await answer(t, ['Success=0', `\n${log}`], patterns), 'refused: refused: Success=0');
  assert.equal(
    await answer(t, ['Success=', 'maybe\n'], patterns),
    'fault: failed: the reply matches neither `success` nor `refused`: Success=maybe',
  );
  assert.equal(await answer(t, ['Success=1'], patterns), 'accepted', 'without a line end');
  assert.equal(
    await answer(t, ['both\nSuccess=1\nSuccess=0\n'], patterns),
    'refused: refused: both',
  );
});

test('without success any reply is accepted, even an empty one', async (t) => {
  assert.equal(await answer(t, []), 'accepted');
  assert.equal(await answer(t, ['whatever']), 'accepted');
  assert.equal(await answer(t, [], { refused: '.' }), 'accepted');
  assert.match(
    await answer(t, [], { success: 'ok' }),
    /^fault: .* the reply matches neither `success` nor `refused`$/,
  );
});

test('an app that leaves the connection open is understood by its lines', async (t) => {
  const open = { open: true, success: '^ok', refused: '^no' };
  assert.equal(await answer(t, ['ok\n'], open), 'accepted');
  assert.equal(await answer(t, ['hm\nno: bad port\n'], open), 'refused: refused: hm');
  assert.equal(
    await answer(t, ['done\n'], { open: true }),
    'accepted',
    'no reply counts as a refusal',
  );
});

test('half a line is not a reply yet, and no line is enough if a later one may refuse', async (t) => {
  const patterns = { success: 'reload', refused: 'reload failed' };
  assert.equal(
    await answer(t, ['reload', ' failed\n'], patterns),
    'refused: refused: reload failed',
  );
  assert.equal(
    await answer(t, ['reading\n', 'no\n'], { refused: '^no' }),
    'refused: refused: reading',
  );
});

/** What comes of an app that has said just this when the time is up. */
async function inTime(t: TestContext, parts: readonly string[], asked: Asked = {}) {
  const { clock, end } = heldClock();
  const said = Promise.withResolvers<void>();
  const timeoutMs = 10_000;
  const seen = answer(t, parts, { ...asked, timeoutMs, clock, open: true, onSaid: said.resolve });
  await said.promise;
  await end(timeoutMs);
  return seen;
}

test('a timeout is a fault, unless the reply so far is enough', async (t) => {
  assert.equal(
    await inTime(t, ['reading\n'], { success: '^ok' }),
    'fault: failed: no response within 10s: reading',
  );
  assert.equal(await inTime(t, ['ok> '], { success: '^ok' }), 'accepted');
});

test('an app that hangs and sends nothing is a fault, even if any reply is accepted', async (t) => {
  assert.equal(await inTime(t, []), 'fault: failed: no response within 10s');
});

test('an endless reply is cut off', async (t) => {
  const flood = ['x'.repeat(100_000), '\nok\n'];
  assert.match(
    await answer(t, flood, { success: '^ok', open: true }),
    /^fault: failed: the reply is longer than 64 KiB: x{300}…$/,
  );
});

test('a socket without a listener is absent', async (t) => {
  const dir = temporaryDirectory(t);
  const none = await targetAt(join(dir, 'none.sock')).deliver(EVENT, never);
  assert.deepEqual([none.answer, none.findings[0]?.code], ['absent', 'LG_DELIVER_ABSENT']);
  const stale = join(dir, 'stale.sock');
  const server = net.createServer();
  await once(server.listen(stale), 'listening');
  // A crash leaves the file of the socket behind.
  const kept = `${stale}.kept`;
  linkSync(stale, kept);
  await new Promise((resolve) => server.close(resolve));
  renameSync(kept, stale);
  assert.equal((await targetAt(stale).deliver(EVENT, never)).answer, 'absent');
});

test('an app that dies of the line is a fault, and one that does not read all of it has replied', async (t) => {
  for (const [says, expected] of [
    ['', 'fault'],
    ['ok\n', 'accepted'],
  ] as const) {
    const path = join(temporaryDirectory(t), 'app.sock');
    // Unread data makes the end of the connection a reset.
    const server = net.createServer({ pauseOnConnect: true }, (client) => {
      client.on('error', () => {});
      client.write(says, () => received().then(() => client.destroy()));
    });
    t.after(() => server.close());
    await once(server.listen(path), 'listening');
    const { answer: said } = await targetAt(path, { refused: '^no' }).deliver(EVENT, never);
    assert.equal(said, expected);
  }
});

test('P8: the words of the app are not shown if the bundle is secret', async (t) => {
  const asked = { sealed: true, success: '^ok', refused: '^no' };
  for (const word of ['no hunter2\n', 'hm hunter2\n']) {
    const seen = await answer(t, [word], asked);
    assert.doesNotMatch(seen, /hunter2|^accepted/);
  }
});

test('the next attempt finds a new listener, which gets the line once', async (t) => {
  const path = join(temporaryDirectory(t), 'app.sock');
  const target = targetAt(path);
  for (let attempt = 1; attempt <= 3; attempt++)
    assert.equal((await target.deliver({ ...EVENT, attempt }, never)).answer, 'absent');
  const heard: string[] = [];
  const server = net.createServer((client) => {
    client.setEncoding('utf8').on('data', (data) => {
      heard.push(String(data));
      client.end('ok\n');
    });
  });
  t.after(() => server.close());
  await once(server.listen(path), 'listening');
  assert.equal((await target.deliver({ ...EVENT, attempt: 4 }, never)).answer, 'accepted');
  assert.deepEqual(heard, ['reload\n']);
});

test('a preempted delivery that finds no listener is absent', async (t) => {
  const path = join(temporaryDirectory(t), 'app.sock');
  const preempted = AbortSignal.abort(new Error('superseded'));
  assert.equal((await targetAt(path).deliver(EVENT, preempted)).answer, 'absent');
});

test('an expression that backtracks is a fault that says so, for `success` as for `refused`', async (t) => {
  const slow = '^(a+)+$';
  for (const asked of [{ success: slow }, { success: '', refused: slow }])
    assert.match(
      await answer(t, [`${'a'.repeat(1_000)}!\n`], asked),
      /fault.*`success` or `refused` takes too long to match the reply/,
    );
});
