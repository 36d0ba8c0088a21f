// Puts a script on the page: Messenger's, or one of ours that only some pages need.
import { real, type TrustedTypePolicy, thisPage } from './page.ts';

/** Wait before a script is tried a second time, ms. */
const RETRY_AFTER = 1_000;

/**
 * Puts the script on the page, once more where it fails; or joins the one that is there.
 *
 * @param onLoad the script has run
 * @param onFailed it did not come, and may be asked for again
 */
export const appendScript = (
  src: string,
  nonce: string | undefined,
  onLoad: (event: Event) => void,
  onFailed: () => void,
  again = true,
): void => {
  const there = [...real('scripts')].find((script) => script.src === src);
  const script = there ?? document.createElement('script');
  const failed = () => {
    script.remove();
    if (again) setTimeout(appendScript, RETRY_AFTER, src, nonce, onLoad, onFailed, false);
    else onFailed();
  };
  script.addEventListener('load', onLoad);
  script.addEventListener('error', failed);
  if (there) return;
  try {
    real('head').append(
      Object.assign(script, { nonce: nonce ?? '', async: true, charset: 'utf-8', src: trusted(src) }),
    );
  } catch {
    failed();
  }
};

interface TrustedTypes {
  createPolicy(name: string, rules: TrustedTypePolicy): TrustedTypePolicy;
}

/** The URL as a page under `require-trusted-types-for 'script'` wants it. */
const trusted = (url: string): string => {
  try {
    const { trustedTypes } = window as unknown as { trustedTypes: TrustedTypes };
    const page = thisPage();
    page.policy ??= trustedTypes.createPolicy('genesys-guest', { createScriptURL: (same) => same });
    return page.policy.createScriptURL(url);
  } catch {
    // No Trusted Types here, or our policy is not allowed: then the page's default policy decides.
    return url;
  }
};
