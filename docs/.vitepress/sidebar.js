// Every page of the guide, in the order of reading. A page that is missing here, or twice, fails test/docs.
export const sidebar = [
  {
    text: 'Start',
    items: [
      { text: 'The first chat', link: '/' },
      { text: 'Which of the three modes', link: '/modes' },
      { text: 'How it works', link: '/how-it-works' },
      { text: 'Troubleshooting', link: '/troubleshooting' },
    ],
  },
  {
    text: 'Guide',
    items: [
      { text: 'Frameworks', link: '/frameworks' },
      { text: 'Signed-in members', link: '/members' },
      { text: 'Proof for the agent', link: '/proof' },
      { text: 'Testing your site', link: '/testing' },
      { text: 'The emulator', link: '/emulator' },
      { text: 'The command line', link: '/cli' },
    ],
  },
  {
    text: 'In the page',
    items: [
      { text: 'A plain script', link: '/script' },
      { text: 'React', link: '/react' },
      { text: 'Vue', link: '/vue' },
      { text: 'Turbo, htmx, Angular and others', link: '/pages' },
      { text: 'Strict CSP and Trusted Types', link: '/csp' },
      { text: 'Consent', link: '/consent' },
    ],
  },
  {
    text: 'In production',
    items: [
      { text: 'Deployment', link: '/deployment' },
      { text: 'Redis', link: '/redis' },
      { text: 'Operating', link: '/operating' },
      { text: 'Runbook', link: '/runbook' },
      { text: 'Security', link: '/security' },
      { text: 'What is public', link: '/public' },
      { text: 'What is measured', link: '/measured' },
    ],
  },
];
