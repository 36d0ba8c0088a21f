// What to do about the log lines that do not say it themselves, by the beginning of each.
export const ADVICE = {
  'genesys-guest has started': 'Nothing: it says region, deployment, source, store and version.',
  'Redis is connected': 'Nothing: what the instances share is shared again.',
  'Redis is unavailable':
    '`what` and `fix` say it: a name that nobody has, a refused password, a right that the ACL lacks. Visitors are served meanwhile.',
  'Instances differ in upstream.perMinute': 'Give all instances the same configuration.',
  'Instances have no secret in common': 'Give all instances the same `secrets`.',
  'Instances of several versions': 'Nothing during a deployment; else bring all instances to one version.',
  'A listener of': 'Look at `error` and mend the listener, or `onInvalidate`: what it throws is ignored.',
  'A request failed for a reason of our own':
    'Look at `error`. Where middleware of the site comes before the mount, try without it; else report it.',
  'A token could not be had for a reason of our own':
    'Report it, with `error`. The visitor chats without a token.',
  'The claim ': 'Nothing, or give a shorter one.',
  'admit(req) failed': 'Look at `error` and mend `admit`: until then nobody new gets a token.',
  'clientAddress(req) failed': 'Look at `error` and mend `clientAddress`.',
  'clientAddress(req) must return': 'Return a string, or `undefined`.',
  'identify(req) returned a guest':
    '`fields` names each field and what is wrong with it: mend what `identify` returns.',
  'members.enabled failed': 'Look at `error` and mend the function: until then members chat as anonymous.',
  'source() must return': 'Mend the function. Until then tokens are issued.',
  'source() threw': 'Mend the function. Until then tokens are issued.',
  'The audit sink failed': 'Look at `error` and mend `audit.sink`; `auditLog()` still has the entry.',
  'The event receiver does not take events':
    'Look at `why`, then at the receiver: `events` says how many wait.',
  'The events could not be sent': 'Look at `why`. They are tried again.',
  'The owner of a proof cannot be recorded':
    'Look at the store: with Redis, whether it can be reached. The flow gets a 503 until then.',
  'The use of authorization codes cannot be recorded':
    'Look at the store: with Redis, whether it can be reached. Members are not signed in until then.',
  '<path> refused a request':
    '`error` is the answer that Genesys Cloud got: compare the integration with `members`.',
  'Guests with an externalId of more than': 'Give those guests shorter ids where agents need the proof.',
  'A visitor was not admitted': 'Nothing, if `admit` is right about the visitor.',
  'A visitor was refused':
    'Nothing, if one visitor did it. Where many share an address: `trust proxy`, `clientAddress`, or a larger `mintsPerMinute`.',
  '/oidc/authorize issued no code': 'Look at `error` and `reason` while you set members up.',
};
