// Before a member signs out: the conversation is wiped too, so that the next person at this computer cannot read it.

const form = document.getElementById('sign-out');
const atMost = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const forget = async () => {
  const session = await window.GenesysGuest?.boot();
  await session?.forget();
};

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  // Signing out is not to depend on the chat.
  await Promise.race([forget().catch(() => {}), atMost(3000)]);
  form.submit();
});
