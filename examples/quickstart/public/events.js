// Lists the events that the session dispatches on `window`, newest first.
{
  const MOST = 9;
  const meanings = {
    ready: () => 'The launcher can be used.',
    renewed: ({ expiresIn }) => `There is a new token, good for ${Math.round(expiresIn)} s.`,
    expired: () => 'The token has expired; renewal goes on.',
    changed: () => 'You are someone else now.',
    opened: () => 'Messenger was opened.',
    closed: () => 'Messenger was closed.',
    error: ({ code }) => code,
    sign_in_required: () => 'Messenger needs a member, and nobody is signed in.',
    disposed: () => 'The session has ended.',
  };

  const list = document.getElementById('events');
  const add = (name, meaning) => {
    const now = new Date();
    const entry = document.createElement('li');
    entry.dataset.event = name;
    const [time, title, text] = ['time', 'code', 'span'].map((tag) => document.createElement(tag));
    time.dateTime = now.toISOString();
    time.textContent = now.toLocaleTimeString([], { hour12: false });
    title.textContent = name;
    text.textContent = meaning;
    entry.append(time, title, text);
    list.prepend(entry);
    while (list.children.length > MOST) list.lastElementChild.remove();
  };

  for (const [name, meaning] of Object.entries(meanings)) {
    window.addEventListener(`genesys-guest:${name}`, ({ detail }) => add(name, meaning(detail)));
  }
}
