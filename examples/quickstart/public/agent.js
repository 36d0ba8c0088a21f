// The demo's switch between three ways to chat, and what the agent sees of the visitor in each: what is said, what is proven.

const { mode, demo } = document.documentElement.dataset;
const HINTS = {
  guests:
    'Every visitor gets a guest token for your own services. For organisations that offer guest tokens. The agent sees what the page says.',
  members:
    'Who is signed in on the site is signed in in Messenger, without a second login. For every organisation. The agent sees a proven name: sign in, then chat.',
  alone:
    'Messenger with nothing to set up: no token, no cookie. For every organisation. The agent sees what the page says.',
};

const row = ([name, value]) => {
  const [div, dt, dd] = ['div', 'dt', 'dd'].map((tag) => document.createElement(tag));
  dt.textContent = name;
  dd.textContent = String(value);
  div.append(dt, dd);
  return div;
};

const show = (id, facts) => document.getElementById(id).replaceChildren(...Object.entries(facts).map(row));

const look = async () => {
  const answer = await fetch(`/agent?mode=${mode}`);
  const { proven, said } = await answer.json();
  if (!proven) {
    for (const id of ['proven', 'said']) show(id, { nothing: 'until you write' });
    return;
  }
  const { isAuthenticated, ...facts } = proven;
  document.getElementById('proven').dataset.proven = String(isAuthenticated);
  show('proven', isAuthenticated ? facts : { isAuthenticated });
  show('said', said);
};

if (demo === 'true') {
  document.getElementById('mode').textContent = HINTS[mode];
  document.querySelector(`[data-for="${mode}"]`).setAttribute('aria-current', 'page');
  const often = () => look().catch(() => {});
  often();
  setInterval(often, 1_000);
}
