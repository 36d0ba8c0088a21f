// Puts the guest and the state of the token on the page.

const at = (id) => document.getElementById(id);

export const showStatus = (state, text) => {
  const status = at('status');
  status.dataset.state = state;
  status.textContent = text;
};

export const showGuest = (config) => {
  const { externalId, attributes = {} } = config ?? {};
  const member = attributes.name !== undefined;
  at('name').textContent = attributes.name ?? (externalId ? 'Anonymous visitor' : 'Not known yet');
  at('external-id').textContent = externalId ?? '\u00a0';
  at('avatar').textContent = initials(attributes.name) ?? '?';
  at('avatar').dataset.member = String(member);
  at('attributes').replaceChildren(...Object.entries(attributes).map(chip));
  for (const button of document.querySelectorAll('[data-member]')) {
    button.disabled = button.textContent.endsWith(attributes.name?.split(' ')[0] ?? '\0');
  }
  document.querySelector('[data-out]').disabled = !member;
};

const initials = (name) =>
  name
    ?.split(' ')
    .map(([letter]) => letter)
    .join('');

const chip = ([key, value]) => {
  const item = document.createElement('li');
  const [name, text] = [document.createElement('span'), document.createElement('b')];
  name.textContent = key;
  text.textContent = value;
  item.append(name, text);
  return item;
};

/**
 * @param age seconds since the answer
 * @param good whether the token of the answer can be used
 */
export const showToken = ({ config, good, age, tokens }) => {
  const renewIn = config?.renewIn;
  const left = renewIn === undefined ? undefined : renewIn - age;
  at('clock-label').textContent = labelOf(good, left);
  at('seconds').textContent = left === undefined ? '–' : String(Math.max(0, Math.ceil(left)));
  const share = left === undefined || renewIn === 0 ? 0 : Math.max(0, left / renewIn);
  at('ring').style.strokeDashoffset = String(100 - share * 100);
  at('ring').dataset.good = String(good);
  at('expires').textContent = good ? `${Math.max(0, Math.ceil(config.expiresIn - age))} s` : '–';
  at('renewals').textContent = String(tokens);
};

const labelOf = (good, left) => {
  if (left === undefined) return 'Nothing to renew';
  if (good) return left > 0 ? 'seconds until it is renewed' : 'It is renewed any moment now';
  return left > 0 ? 'No token: seconds until the next try' : 'No token yet; asking';
};
