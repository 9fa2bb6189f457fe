import { connect } from 'node:net';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { formatLine, plainLines } from '../../io/process/command-output.ts';
import type { Answer } from '../../rollout/state.ts';
import type { SocketSettings } from '../../settings/settings.ts';
import type { Target } from './target.ts';
import { waitUntilReachable } from './wait-until-reachable.ts';

export interface SocketOptions {
  readonly settings: SocketSettings;
  readonly clock: Clock;
  /** The bundle holds secrets: what the app says might quote one, so it is not passed on (P8). */
  readonly sealed: boolean;
}

/** In characters: no more of an answer is read. */
const MAX_ANSWER_LENGTH = 64 * 1024;

/** Nobody listens: there is no socket, or one that a process has left behind. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED']);

const CODES: Readonly<Record<Exclude<Answer, 'accepted'>, ErrorCode>> = {
  refused: 'LG_DELIVER_REFUSED',
  fault: 'LG_DELIVER_FAULT',
  absent: 'LG_DELIVER_ABSENT',
};

/**
 * Tells the app by a line over a Unix socket, such as `reload` to the master of HAProxy. What the app
 * says until it ends the connection, or until a line of it is enough, is the answer. Source:
 * docs/targets.md.
 */
export function createSocket({ settings, clock, sealed }: SocketOptions): Target {
  const name = `socket ${settings.path}`;
  return {
    kind: 'socket',
    name,
    deliver: async () => {
      const { answer, reason, said } = await exchange(settings, clock);
      if (answer === 'accepted') return { answer, findings: [] };
      const line = sealed ? '' : formatLine(plainLines(said)[0] ?? '');
      const why = answer === 'refused' ? [line || reason] : [reason, line].filter(Boolean);
      return { answer, findings: [findingOf(CODES[answer], [name, why.join(': ')])] };
    },
    waitUntilReachable: (signal) => waitUntilReachable({ path: settings.path }, clock, signal),
  };
}

/** What came of one connection; `said` is what the app has said on it. */
interface Exchanged {
  readonly answer: Answer;
  readonly reason: string;
  readonly said: string;
}

/** Sends the line and reads the answer. Settles once, whatever comes when, and never rejects. */
async function exchange(settings: SocketSettings, clock: Clock): Promise<Exchanged> {
  const { path, send, timeoutMs } = settings;
  const { promise, resolve } = Promise.withResolvers<Exchanged>();
  const meaningOf = createReplyReader(settings);
  let said = '';
  const settle = (answer: Answer, reason: string) => resolve({ answer, reason, said });
  /** Nothing more is to come: what has come means something, or `otherwise` is what went wrong. */
  const conclude = (otherwise: string) => {
    const answer = meaningOf(said, 'whole');
    settle(answer ?? 'fault', answer === undefined ? otherwise : 'it says no');
  };
  const socket = connect(path).setEncoding('utf8');
  socket.on('connect', () => socket.write(send.endsWith('\n') ? send : `${send}\n`));
  socket.on('data', (chunk: string) => {
    said = (said + chunk).slice(0, MAX_ANSWER_LENGTH);
    const answer = meaningOf(said, 'so far');
    if (answer !== undefined) settle(answer, 'it says no');
    else if (said.length >= MAX_ANSWER_LENGTH) conclude('it says too much');
  });
  socket.on('end', () => conclude('it says neither yes nor no'));
  socket.on('error', (error) => {
    const reason = reasonOf(error);
    if (ABSENT.has(reason)) settle('absent', reason);
    // Who ends the connection without having read all of the line resets it, but has answered.
    else if (said !== '') conclude(reason);
    else settle('fault', reason);
  });
  const timer = new AbortController();
  const tooLate = () => {
    const reason = `no answer within ${formatDuration(timeoutMs)}`;
    // Only an end says that nothing is all there is to say; silence may be an app that hangs.
    if (said === '') settle('fault', reason);
    else conclude(reason);
  };
  clock.sleep(timeoutMs, timer.signal).then(tooLate, () => {});
  try {
    return await promise;
  } finally {
    timer.abort();
    socket.destroy();
  }
}

type ReplyReader = (text: string, part: 'so far' | 'whole') => 'accepted' | 'refused' | undefined;

/**
 * What an answer means. While more may come, only its whole lines count: half a line might go on in
 * another way. An empty `success` takes any answer, so it can say yes before the end only where there
 * is nothing that would say no.
 */
function createReplyReader({ success, refused }: SocketSettings): ReplyReader {
  const [yes, no] = [success, refused].map((source) =>
    source === undefined ? undefined : new RegExp(source, 'mu'),
  );
  const takesAnything = success === '' && refused === undefined;
  return (text, part) => {
    const read = part === 'whole' ? text : text.slice(0, text.lastIndexOf('\n') + 1);
    if (part === 'so far' && read === '') return undefined;
    if (no?.test(read)) return 'refused';
    const mayAccept = part === 'whole' || success !== '' || takesAnything;
    return mayAccept && yes?.test(read) ? 'accepted' : undefined;
  };
}
