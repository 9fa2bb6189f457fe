/** Of a long output, so much of its beginning and of its end is kept. */
const HEAD_BYTES = 8 * 2 ** 10;
const TAIL_BYTES = 8 * 2 ** 10;

/** What a command writes, however much that is, in bounded memory. */
export interface Output {
  add(chunk: Buffer): void;
  /** As UTF-8; what is not becomes U+FFFD. Lines that were cut in two by the bound are left out. */
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
      const whole = start.subarray(0, start.lastIndexOf('\n') + 1);
      return `${whole.toString()}…\n${tail.subarray(tail.indexOf('\n') + 1).toString()}`;
    },
  };
}
