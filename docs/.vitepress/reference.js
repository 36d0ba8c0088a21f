// The pages that docs/generate writes, as the sidebar shows them.
const page = (text, name) => ({ text, link: `/reference/${name}` });

export const reference = [
  {
    text: 'Reference',
    items: [
      page('Options', 'options'),
      page('In the page', 'browser'),
      page('Problem codes', 'codes'),
      page('Events', 'events'),
      page('Log lines', 'log'),
      page('Metrics and spans', 'telemetry'),
      page('Keys in Redis', 'redis-keys'),
      page('The cookie', 'cookie'),
    ],
  },
  {
    text: 'Types',
    items: [
      page('@genesys-guest/server', 'api/server'),
      page('@genesys-guest/server/redis', 'api/server-redis'),
      page('@genesys-guest/browser', 'api/browser'),
      page('@genesys-guest/react', 'api/react'),
      page('@genesys-guest/emulator', 'api/emulator'),
      page('genesys-guest (command line)', 'api/cli'),
    ],
  },
];
