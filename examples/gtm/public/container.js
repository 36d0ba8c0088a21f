// The container: what somebody has typed into the tag manager's pages. Two tags of the kind "Custom HTML".

window.dataLayer = window.dataLayer || [];
window.container = [
  // First, so that no event is missed: none of them carries a token or an id.
  `<script>
    for (const name of ['ready', 'renewed', 'expired', 'changed', 'opened', 'closed', 'error', 'disposed']) {
      addEventListener('genesys-guest:' + name, ({ detail }) => dataLayer.push({ event: 'chat_' + name, ...detail }));
    }
  </script>`,
  '<script src="/chat/boot.js" async></script>',
];
