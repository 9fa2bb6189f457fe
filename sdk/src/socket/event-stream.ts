import type { IncomingMessage } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { SidecarFault } from './fault.ts';

/** Of one event. A `prepare` has the paths that changed, which are at most 4096. */
const MAX_EVENT_LENGTH = 2 ** 20;

/**
 * Calls back for each server-sent event, until the stream ends. Always rejects: with the reason for the end,
 * or with what the callback throws.
 */
export async function readEvents(
  response: IncomingMessage,
  onEvent: (event: EventSourceMessage) => void,
): Promise<never> {
  const parser = createParser({
    onEvent,
    maxBufferSize: MAX_EVENT_LENGTH,
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded')
        throw new SidecarFault('the sidecar sent an event that is longer than 1 MiB');
    },
  });
  response.setEncoding('utf8');
  for await (const chunk of response) parser.feed(chunk);
  throw new SidecarFault('the sidecar has closed the connection');
}
