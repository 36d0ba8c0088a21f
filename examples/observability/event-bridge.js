// Events for Amazon EventBridge, through its official client.

/** @returns what `events.send` takes; `batchSize` must be 10 or less, as EventBridge takes no more entries a call */
export const eventBridge = (client, PutEventsCommand, bus) => async (batch, signal) => {
  const Entries = batch.map((event) => ({
    EventBusName: bus,
    Source: 'io.github.genesys-guest',
    DetailType: event.type,
    Time: new Date(event.time),
    Detail: JSON.stringify(event),
  }));
  const { FailedEntryCount } = await client.send(new PutEventsCommand({ Entries }), { abortSignal: signal });
  if (!FailedEntryCount) return;
  // The whole batch goes again: receivers drop doubles by the event's id.
  throw Object.assign(new Error(`EventBridge did not take ${FailedEntryCount} events`), { retryable: true });
};
