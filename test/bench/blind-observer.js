// For the benchmark of what observing costs: an observer, and spans, that hear nothing.
const nothing = () => {};

const issue = { onCall: nothing, succeeded: nothing, failed: nothing };

export class Observer {
  issueStarted = () => issue;
  forgotten = nothing;
  invalidated = nothing;
  count = nothing;
  failing = () => [];
  telemetry = () => ({});
  auditLog = () => [];
  on = () => nothing;
  close = async () => {};
}

export const startRequestSpan = () => undefined;
