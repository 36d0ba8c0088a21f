// Before a member signs out: the conversation is wiped too, so that the next person at this computer cannot read it.

const form = document.getElementById('sign-out');
const atMost = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Without a session, as where Messenger is blocked, the server is told all the same. */
const forget = () =>
  Promise.resolve(window.GenesysGuest?.boot()).then(
    (session) => session?.forget(),
    () => fetch('/chat/forget', { method: 'POST', keepalive: true }),
  );

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  // Signing out is not to depend on the chat.
  await Promise.race([forget().catch(() => {}), atMost(3000)]);
  form.submit();
});
