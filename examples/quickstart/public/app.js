// Shows what the guest's session does. A site needs none of this: the script tag alone boots the chat.
import { showGuest, showStatus, showToken } from './view.js';

const at = (id) => document.getElementById(id);
const post = async (path, body) => {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
};

/** While a click is being worked on, a second one is not taken. */
const onClick = (button, work) =>
  button.addEventListener('click', async () => {
    button.setAttribute('aria-busy', 'true');
    button.disabled = true;
    try {
      await work();
    } catch (error) {
      failed(error);
    } finally {
      button.removeAttribute('aria-busy');
      button.disabled = false;
      showGuest(session?.config);
    }
  });

let session;

/** The session that the script tag boots: a second `boot` returns it. */
const booted = async () => {
  const script = document.querySelector('script[data-token]');
  if (!window.GenesysGuest) await new Promise((resolve) => script.addEventListener('load', resolve));
  return window.GenesysGuest.boot();
};

const live = (current) => {
  let shown;
  let since = 0;
  let tokens = 0;
  let token;
  const look = () => {
    if (current.config !== shown) {
      shown = current.config;
      since = performance.now();
      showGuest(shown);
    }
    if (current.token && current.token !== token) tokens += 1;
    token = current.token;
    showToken({ config: shown, good: token !== undefined, age: (performance.now() - since) / 1000, tokens });
  };
  look();
  setInterval(look, 250);
};

let books = 0;
const count = (by) => {
  books = Math.max(0, books + by);
  at('cart').value = String(books);
  session?.setContext(books > 0 ? { cart: `${books} book${books > 1 ? 's' : ''}` } : {});
};

/** A session that still boots may have asked before the click who is there: it asks again once it is up. */
const refresh = async () => {
  const current = session ?? (await booted().catch(() => undefined));
  await current?.refresh();
};

for (const button of document.querySelectorAll('[data-member]')) {
  onClick(button, async () => {
    await post('/sign-in', { member: button.dataset.member });
    await refresh();
  });
}
onClick(document.querySelector('[data-out]'), async () => {
  await post('/sign-out');
  await refresh();
});
onClick(at('renew'), () => session.renew());
onClick(at('open'), () => session.open());
at('more').addEventListener('click', () => count(+1));
at('less').addEventListener('click', () => count(-1));
at('outage').addEventListener('change', ({ target }) => post('/outage', { on: target.checked }));

/** Where Messenger was late `boot` has failed once, and `ready` comes all the same. */
const take = async () => {
  const current = await booted();
  if (session) return;
  session = current;
  at('open').disabled = false;
  at('renew').disabled = false;
  live(session);
  count(0);
  // `ready` is told again to whoever comes late.
  session.on('ready', () => showStatus('ready', 'Chat ready'));
  session.on('closed', () => showStatus('ready', 'Chat ready'));
  session.on('opened', () => showStatus('ready', 'Chat open'));
  session.on('error', ({ code }) => showStatus('failed', code));
};
const failed = (error) => showStatus('failed', error.code ?? error.message);
window.addEventListener('genesys-guest:ready', () => take().catch(failed));
take().catch(failed);
