// For the benchmark of what observing costs: an observer, and spans, that hear nothing.
const nothing = () => {};

export const createObserver = () => ({
  issuing: (_action, _subject, work) => work(),
  provisioned: nothing,
  failed: nothing,
  forgotten: nothing,
  invalidated: nothing,
  cacheHit: nothing,
  called: nothing,
  watch: nothing,
  telemetry: () => ({}),
  auditLog: () => [],
  on: () => nothing,
  close: async () => {},
});

export const inRequestSpan = (_req, _res, _route, work) => work();
