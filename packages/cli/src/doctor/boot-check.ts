// Checks the browser script as the mount serves it: ours, compressed, cacheable by a CDN, free of cookies.
import { check, type Finding, fail, found, pass, warn } from './finding.ts';
import { ask, type HttpAnswer, header, inShort } from './http.ts';
import { under } from './visitor.ts';

export const bootScript = check({
  name: 'boot-script',
  title: '/boot.js',
  group: 'Mounted handler',
  needs: ['mounted'],
  when: ({ mount }) => mount !== undefined,
  run: async ({ asked, signal }, { mounted }) => {
    const url = under(asked.mount as URL, '/boot.js');
    const answer = await ask(url, { headers: { 'accept-encoding': 'br, gzip' } }, signal);
    const etag = header(answer, 'etag');
    const again = etag
      ? await ask(url, { headers: { 'accept-encoding': 'br, gzip', 'if-none-match': etag } }, signal)
      : undefined;
    if (answer.status !== 200 || !answer.text.includes('GenesysGuestMount')) {
      return found(
        fail(
          `${url.href} is not our script: ${inShort(answer)}`,
          'See that the proxy forwards it, and that no static-file route or script optimiser takes its place.',
        ),
      );
    }
    if (!answer.text.includes(mounted.webchatId)) {
      return found(
        fail(
          '/boot.js names another deployment than /config',
          'A cache holds an old copy: purge it, or wait five minutes.',
        ),
      );
    }
    const faults = scriptFaults(answer, again);
    return found(...(faults.length > 0 ? faults : [pass('/boot.js is ours, compressed and cacheable')]));
  },
});

const scriptFaults = (answer: HttpAnswer, again: HttpAnswer | undefined): Finding[] => {
  const control = header(answer, 'cache-control');
  const maxAge = Number(/(?:s-maxage|max-age)=(\d+)/i.exec(control)?.[1] ?? 0);
  const faults: (Finding | false)[] = [
    !/javascript/i.test(header(answer, 'content-type')) &&
      fail(
        `/boot.js arrives as ${header(answer, 'content-type') || 'no type'}: browsers refuse it`,
        'Let the proxy keep its Content-Type.',
      ),
    answer.cookies.length > 0 &&
      warn(
        '/boot.js arrives with Set-Cookie: no CDN will cache it',
        "Mount the handler before the site's session middleware, or exempt /boot.js from it.",
      ),
    !['br', 'gzip', 'zstd'].includes(header(answer, 'content-encoding')) &&
      warn(
        '/boot.js arrives uncompressed: pages load it more slowly',
        'Let the proxy pass Accept-Encoding on and keep Content-Encoding.',
      ),
    (maxAge === 0 || /no-store|private/i.test(control)) &&
      warn(
        `/boot.js cannot be cached (${control ? `Cache-Control: ${control}` : 'no Cache-Control'})`,
        "Let proxy and the site's own middleware keep its Cache-Control.",
      ),
    again?.status !== 304 &&
      warn(
        '/boot.js is sent whole each time: ETag or If-None-Match is lost on the way',
        'Let the proxy keep ETag and pass If-None-Match on.',
      ),
  ];
  return faults.filter((fault) => fault !== false);
};
