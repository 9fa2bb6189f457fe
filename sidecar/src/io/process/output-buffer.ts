import { StringDecoder } from 'node:string_decoder';

/** How much of the beginning and of the end of a long output is kept. */
const HEAD_BYTES = 8 * 2 ** 10;
const TAIL_BYTES = 8 * 2 ** 10;

/** Collects what a command writes, in bounded memory. */
export interface Output {
  add(chunk: Buffer): void;
  /** As UTF-8; anything else becomes U+FFFD. Leaves out a line that was cut, unless it is the only one. */
  text(): string;
}

export function createOutput(): Output {
  const head = Buffer.alloc(HEAD_BYTES);
  let headBytes = 0;
  let tail: Buffer = Buffer.alloc(0);
  let isCut = false;
  return {
    add: (chunk) => {
      const copied = chunk.copy(head, headBytes);
      headBytes += copied;
      const rest = chunk.subarray(copied);
      isCut ||= tail.length + rest.length > TAIL_BYTES;
      // Always a copy: a slice would keep the whole chunk in memory.
      tail = Buffer.concat([tail, rest.subarray(-TAIL_BYTES)]);
      if (tail.length > TAIL_BYTES) tail = Buffer.from(tail.subarray(-TAIL_BYTES));
    },
    text: () => {
      const start = head.subarray(0, headBytes);
      if (!isCut) return Buffer.concat([start, tail]).toString();
      return `${wholeLinesOf(start)}…\n${lastLinesOf(tail)}`;
    },
  };
}

function wholeLinesOf(bytes: Buffer): string {
  const lineEnd = bytes.lastIndexOf('\n') + 1;
  // Drops a character that is cut.
  if (lineEnd === 0) return new StringDecoder().write(bytes);
  return bytes.toString('utf8', 0, lineEnd);
}

function lastLinesOf(bytes: Buffer): string {
  const lineStart = bytes.indexOf('\n') + 1;
  if (lineStart > 0 && lineStart < bytes.length) return bytes.toString('utf8', lineStart);
  return bytes.toString('utf8', bytes.findIndex(beginsCharacter));
}

/** Source: RFC 3629, 3. */
function beginsCharacter(byte: number): boolean {
  return (byte & 0b1100_0000) !== 0b1000_0000;
}
