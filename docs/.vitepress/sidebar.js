// Every page of the guide, in the order of reading. A page that is missing here, or twice, fails test/docs.
export const sidebar = [
  {
    text: 'Start',
    items: [{ text: 'The first chat', link: '/' }],
  },
  {
    text: 'Guide',
    items: [{ text: 'Proof for the agent', link: '/proof' }],
  },
];
