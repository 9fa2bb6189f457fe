import type { Socket } from 'node:net';

const LF = 0x0a;

/** A longer line is passed on unread: Node then reports headers that are too large. */
const MAX_LINE_BYTES = 1024 * 1024;

/**
 * Corrects in the heads of responses what Go's client tolerates and Node's parser, even a lenient one,
 * does not: several spaces in the status line, spaces in the name of a header, and the same
 * Content-Length twice. Replaces `push`, by which each byte from the network gets to the parser.
 * Source: Go's `net/http/response.go` and `net/textproto/reader.go`.
 */
export function tolerateHead(socket: Socket): void {
  const push = socket.push.bind(socket);
  const correct = createHeadCorrector();
  socket.push = (chunk: Buffer | null) => {
    if (chunk === null) return push(null);
    const corrected = correct(chunk);
    return corrected.length === 0 || push(corrected);
  };
}

/** Takes the bytes of a connection as they arrive. Holds back a line of the head until it is complete. */
function createHeadCorrector(): (chunk: Buffer) => Buffer {
  let line: Buffer[] = [];
  let lineBytes = 0;
  let head = createHead();
  let isInHead = true;
  const endLine = (isComplete: boolean): Buffer => {
    const bytes = Buffer.concat(line);
    line = [];
    lineBytes = 0;
    const { text, next } = isComplete ? head.correct(bytes) : { text: undefined, next: 'body' };
    isInHead = next !== 'body';
    if (next === 'head') head = createHead();
    return text === undefined ? bytes : Buffer.from(text, 'latin1');
  };
  return (chunk) => {
    const corrected: Buffer[] = [];
    let at = 0;
    while (isInHead && at < chunk.length) {
      const end = chunk.indexOf(LF, at);
      const piece = chunk.subarray(at, end === -1 ? undefined : end + 1);
      line.push(piece);
      lineBytes += piece.length;
      at += piece.length;
      if (end !== -1 || lineBytes > MAX_LINE_BYTES) corrected.push(endLine(end !== -1));
    }
    return corrected.length === 0
      ? chunk.subarray(at)
      : Buffer.concat([...corrected, chunk.subarray(at)]);
  };
}

/** What to pass on instead of a line, if anything else, and what follows the line. */
interface CorrectedLine {
  readonly text: string | undefined;
  /** `head`: the head of another response, after that of an interim one (1xx). */
  readonly next: 'line' | 'head' | 'body';
}

function createHead() {
  let status: string | undefined;
  let length: string | undefined;
  let isDropped = false;
  const correctStatus = (text: string): string | undefined => {
    const [, protocol = '', rest = ''] = /^(HTTP\/\d\.\d) +(\S.*)$/s.exec(text) ?? [];
    status = rest.slice(0, 3);
    return protocol === '' ? undefined : `${protocol} ${rest}`;
  };
  const correctHeader = (text: string): string | undefined => {
    // A folded line belongs to the header before it.
    if (!/^[ \t]/.test(text)) {
      const name = text.slice(0, Math.max(0, text.indexOf(':')));
      const isLength = name.toLowerCase() === 'content-length';
      const value = text.slice(name.length + 1).trim();
      // Go keeps a name with a space in it, but never finds a header by it.
      isDropped = name.includes(' ') || (isLength && value === length);
      if (isLength) length ??= value;
    }
    return isDropped ? '' : undefined;
  };
  return {
    correct: (bytes: Buffer): CorrectedLine => {
      const text = bytes.toString('latin1');
      if (status === undefined) return { text: correctStatus(text), next: 'line' };
      if (text !== '\r\n' && text !== '\n') return { text: correctHeader(text), next: 'line' };
      // 101 changes the protocol, so it has the last head.
      const isInterim = status.startsWith('1') && status !== '101';
      return { text: undefined, next: isInterim ? 'head' : 'body' };
    },
  };
}
