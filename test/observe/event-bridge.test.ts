// The example for Amazon EventBridge sends what its official client takes, and says so when entries are refused.
import { expect, it } from 'vitest';

/** An example is JavaScript, without types of its own. */
const { eventBridge } = await import(
  new URL('../../examples/observability/event-bridge.js', import.meta.url).href
);

class PutEventsCommand {
  readonly input: unknown;
  constructor(input: unknown) {
    this.input = input;
  }
}

const event = {
  specversion: '1.0',
  id: '1',
  source: '/genesys-guest/mypurecloud.ie/chat',
  type: 'io.github.genesys-guest.token.issued',
  time: '2026-11-23T12:00:00.000Z',
  data: { event: 'GUEST_TOKEN_PROVISIONED' },
};

const sendTo = (FailedEntryCount: number) => {
  const sent: { input: unknown; abortSignal: AbortSignal }[] = [];
  const client = {
    send: async ({ input }: PutEventsCommand, { abortSignal }: { abortSignal: AbortSignal }) => {
      sent.push({ input, abortSignal });
      return { FailedEntryCount };
    },
  };
  return { sent, send: eventBridge(client, PutEventsCommand, 'my-bus') };
};

it('sends each event as an entry of the bus', async () => {
  const { sent, send } = sendTo(0);
  const { signal } = new AbortController();
  await send([event], signal);
  expect(sent).toEqual([
    {
      input: {
        Entries: [
          {
            EventBusName: 'my-bus',
            Source: 'io.github.genesys-guest',
            DetailType: event.type,
            Time: new Date(event.time),
            Detail: JSON.stringify(event),
          },
        ],
      },
      abortSignal: signal,
    },
  ]);
});

it('has the batch sent again where an entry failed', async () => {
  await expect(sendTo(1).send([event], new AbortController().signal)).rejects.toMatchObject({
    retryable: true,
  });
});
