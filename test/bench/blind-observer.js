// For the benchmark of what observing costs: an observer, and spans, that hear nothing.
const nothing = () => {};

const issue = { onCall: nothing, succeeded: nothing, failed: nothing };

export const createObserver = () => ({
  issueStarted: () => issue,
  forgotten: nothing,
  invalidated: nothing,
  answered: nothing,
  refused: nothing,
  cacheHit: nothing,
  watch: nothing,
  telemetry: () => ({}),
  auditLog: () => [],
  on: () => nothing,
  close: async () => {},
});

export const startRequestSpan = () => undefined;
