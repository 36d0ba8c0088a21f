// A consent manager, as small as can be. All that it tells the chat are the two lines with `GenesysGuest` and `forget`.

const at = (id) => document.getElementById(id);
const KEY = 'consent:chat';

let booting;

const show = (granted) => {
  at('choice').textContent = granted ? 'The chat is on.' : 'The chat is off.';
  at('grant').hidden = granted;
  at('withdraw').hidden = !granted;
};

const start = () => {
  show(true);
  booting = window.GenesysGuest.boot();
  booting.catch(console.warn);
};

at('grant').addEventListener('click', () => {
  localStorage.setItem(KEY, 'granted');
  start();
});

at('withdraw').addEventListener('click', async () => {
  localStorage.removeItem(KEY);
  // Token, cookie and conversation go; the rest of Messenger goes with the page. Where it was blocked there is no session, but a
  // cookie of an earlier visit.
  const told = booting.then(
    (session) => session.forget(),
    () => fetch('/chat/forget', { method: 'POST' }),
  );
  await told.catch(console.warn);
  location.reload();
});

if (localStorage.getItem(KEY)) start();
