import { StringDecoder } from 'node:string_decoder';

/** Of a long output, so much of its beginning and of its end is kept. */
const HEAD_BYTES = 8 * 2 ** 10;
const TAIL_BYTES = 8 * 2 ** 10;

/** What a command writes, however much that is, in bounded memory. */
export interface Output {
  add(chunk: Buffer): void;
  /**
   * As UTF-8; what is not becomes U+FFFD. A line that was cut in two by the bound is left out, unless
   * there is no other.
   */
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
      // A copy in every case: a slice would hold on to all of the chunk.
      tail = Buffer.concat([tail, rest.subarray(-TAIL_BYTES)]);
      if (tail.length > TAIL_BYTES) tail = Buffer.from(tail.subarray(-TAIL_BYTES));
    },
    text: () => {
      const start = head.subarray(0, headBytes);
      if (!isCut) return Buffer.concat([start, tail]).toString();
      return `${beginningOf(start)}…\n${endOf(tail)}`;
    },
  };
}

function beginningOf(bytes: Buffer): string {
  const lineEnd = bytes.lastIndexOf('\n') + 1;
  // Of a character that is cut, it says nothing.
  if (lineEnd === 0) return new StringDecoder().write(bytes);
  return bytes.toString('utf8', 0, lineEnd);
}

function endOf(bytes: Buffer): string {
  const lineStart = bytes.indexOf('\n') + 1;
  if (lineStart > 0 && lineStart < bytes.length) return bytes.toString('utf8', lineStart);
  return bytes.toString('utf8', bytes.findIndex(beginsCharacter));
}

/** Source: RFC 3629, 3. */
function beginsCharacter(byte: number): boolean {
  return (byte & 0b1100_0000) !== 0b1000_0000;
}
