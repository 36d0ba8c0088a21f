// The platform's own frame, where a member's tokens lie in the platform's storage instead of the page's.
import type { IncomingMessage } from 'node:http';
import { type Answer, methodNotAllowed } from './answer.ts';

/**
 * Keeps `{ jwt, refreshToken }` of the deployment in the hash for whoever embeds it, and tells of every change.
 * Any page may embed it, as any page may be an emulator's customer.
 */
const PAGE = `<!doctype html><meta charset="utf-8"><title>Tokens</title><script>
const key = '_' + decodeURIComponent(location.hash.slice(1)) + ':tokens';
const tell = () => parent.postMessage({ genesysTokens: JSON.parse(localStorage.getItem(key) || '{}') }, '*');
addEventListener('message', ({ data }) => {
  if (data && data.keepTokens) localStorage.setItem(key, JSON.stringify(data.keepTokens));
});
addEventListener('storage', (event) => { if (event.key === key) tell(); });
tell();
</script>`;

export const answerTokenFrame = (req: IncomingMessage): Answer =>
  req.method === 'GET' || req.method === 'HEAD'
    ? { status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: PAGE }
    : methodNotAllowed('GET, HEAD');
