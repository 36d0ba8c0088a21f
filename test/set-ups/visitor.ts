// A visitor without a browser: opens the page, keeps cookies as a browser does, and asks as the page's script would.

/** Each answer as a line: the request, the status, and what a problem says. */
export const visitByHttp = async (origin: string): Promise<string[]> => {
  const lines: string[] = [];
  let cookie = '';
  let asked = false;
  const ask = async (method: 'GET' | 'POST', path: string): Promise<void> => {
    const answer = await fetch(origin + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(cookie && { cookie }),
        ...(method === 'POST' && { 'content-type': 'application/json', origin }),
      },
      body: method === 'POST' ? JSON.stringify({ again: asked }) : null,
    });
    const [set] = answer.headers.getSetCookie().filter((line) => line.includes('genesys-guest'));
    cookie = set?.split(';')[0] ?? cookie;
    asked ||= method === 'POST';
    lines.push(`${method} ${path}: HTTP ${answer.status}${wordsOf(await answer.text())}`);
  };
  for (const path of ['/', '/chat/boot.js', '/chat/config']) await ask('GET', path);
  // The first one brings the cookie.
  for (let asking = 0; asking < 3; asking += 1) await ask('POST', '/chat/renew');
  return lines;
};

const wordsOf = (text: string): string => {
  try {
    const { detail, guestToken } = JSON.parse(text);
    return `${detail ? ` ${detail}` : ''}${guestToken ? ' with a token' : ''}`;
  } catch {
    return '';
  }
};
