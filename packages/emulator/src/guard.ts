// Who may use `/_emulator/…`: programs on this machine, and pages of the emulator itself.
import type { IncomingMessage } from 'node:http';

const LOOPBACK =
  /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * What is wrong with a request for the controls; `undefined` where it may come in.
 * A name that points to this machine (DNS rebinding) is as foreign as another site.
 */
export const intrusion = ({ headers }: IncomingMessage): string | undefined => {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (!LOOPBACK.test(host)) return 'The controls need a Host of loopback, such as 127.0.0.1';
  const foreign =
    (origin !== undefined && origin !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none');
  return foreign ? 'The controls are not for pages of another origin' : undefined;
};
