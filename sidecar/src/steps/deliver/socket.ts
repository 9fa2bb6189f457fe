import { connect } from 'node:net';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { failureOf } from '../../io/http/failure.ts';
import { formatLine, plainLines } from '../../io/process/command-output.ts';
import { matchWithTimeout, TIMED_OUT } from '../../io/process/run-with-timeout.ts';
import type { Answer } from '../../rollout/events.ts';
import type { SocketSettings } from '../../settings/settings.ts';
import { deliveryOf, type Target, type TargetOptions } from './target.ts';

/** The rest of a longer reply is not read. In characters. */
const MAX_REPLY_LENGTH = 64 * 1024;

/** For one expression and one reply; nothing else of the sidecar runs meanwhile. */
const MATCH_MS = 1_000;

const TOO_SLOW =
  '`success` or `refused` takes too long to match the reply: write it without nested repeats';

const REFUSED = 'the reply matches `refused`';

/**
 * Notifies the app by a line over a Unix socket, such as `reload` to the master of HAProxy. The reply
 * is read until the app ends the connection, or until a line of it is enough. Source:
 * docs/targets.md.
 */
export function createSocket(
  settings: SocketSettings,
  { clock, sealed }: Pick<TargetOptions, 'clock' | 'sealed'>,
): Target {
  const name = `socket ${settings.path}`;
  return {
    kind: 'socket',
    name,
    deliver: async () => {
      const { answer, reason, reply } = await exchange(settings, clock);
      const line = sealed ? '' : formatLine(plainLines(reply)[0] ?? '');
      const why = answer === 'refused' ? [line || reason] : [reason, line].filter(Boolean);
      return deliveryOf(name, answer, why.join(': '));
    },
  };
}

interface Exchanged {
  readonly answer: Answer;
  readonly reason: string;
  readonly reply: string;
}

/** Sends the line and reads the reply. Settles once, whichever events come, and never rejects. */
async function exchange(settings: SocketSettings, clock: Clock): Promise<Exchanged> {
  const { path, send, timeoutMs } = settings;
  const { promise, resolve } = Promise.withResolvers<Exchanged>();
  const answerIn = createReplyReader(settings);
  let reply = '';
  const settle = (answer: Answer, reason: string) => resolve({ answer, reason, reply });
  /** Decides when nothing more will come; `otherwise` is the fault of a reply without an answer. */
  const conclude = (otherwise: string) => {
    const answer = answerIn(reply, 'whole');
    if (answer === 'too-slow') settle('fault', TOO_SLOW);
    else settle(answer ?? 'fault', answer === undefined ? otherwise : REFUSED);
  };
  const socket = connect(path).setEncoding('utf8');
  socket.on('connect', () => socket.write(send.endsWith('\n') ? send : `${send}\n`));
  socket.on('data', (chunk: string) => {
    reply = (reply + chunk).slice(0, MAX_REPLY_LENGTH);
    // Only whole lines count, so a part of one changes nothing.
    const answer = chunk.includes('\n') ? answerIn(reply, 'so far') : undefined;
    if (answer === 'too-slow') settle('fault', TOO_SLOW);
    else if (answer !== undefined) settle(answer, REFUSED);
    else if (reply.length >= MAX_REPLY_LENGTH) conclude('the reply is longer than 64 KiB');
  });
  socket.on('end', () => conclude('the reply matches neither `success` nor `refused`'));
  socket.on('error', (error) => {
    const { type, reason } = failureOf(error);
    if (type === 'absent') settle('absent', reason);
    // An app that ends the connection before it has read the line resets it, but has answered.
    else if (reply !== '') conclude(reason);
    else settle('fault', reason);
  });
  const timer = new AbortController();
  const onTimeout = () => {
    const reason = `no response within ${formatDuration(timeoutMs)}`;
    // Only the end of the connection makes an empty reply; an app that is silent may hang.
    if (reply === '') settle('fault', reason);
    else conclude(reason);
  };
  clock.sleep(timeoutMs, timer.signal).then(onTimeout, () => {});
  try {
    return await promise;
  } finally {
    timer.abort();
    socket.destroy();
  }
}

type ReplyReader = (
  reply: string,
  part: 'so far' | 'whole',
) => 'accepted' | 'refused' | 'too-slow' | undefined;

/**
 * Finds the answer in a reply. While more may come, only whole lines count: the rest may change them.
 * An empty `success` accepts any reply, so before the end it accepts only if nothing could refuse.
 */
function createReplyReader({ success, refused }: SocketSettings): ReplyReader {
  const [yes, no] = [success, refused].map((source) =>
    source === undefined ? undefined : new RegExp(source, 'mu'),
  );
  const test = (pattern: RegExp | undefined, read: string) =>
    pattern !== undefined && matchWithTimeout(pattern, read, MATCH_MS);
  const acceptsAnything = success === '' && refused === undefined;
  return (reply, part) => {
    const read = part === 'whole' ? reply : reply.slice(0, reply.lastIndexOf('\n') + 1);
    if (part === 'so far' && read === '') return undefined;
    const isRefused = test(no, read);
    if (isRefused === TIMED_OUT) return 'too-slow';
    if (isRefused) return 'refused';
    const mayAccept = part === 'whole' || success !== '' || acceptsAnything;
    const isAccepted = mayAccept && test(yes, read);
    if (isAccepted === TIMED_OUT) return 'too-slow';
    return isAccepted ? 'accepted' : undefined;
  };
}
