// How the facade looks. What a page may change has a custom property, set on `genesys-guest` or anywhere above it.

// A rule of the page such as `* { position: relative }` wins over one for `:host`, so the position is `!important`.
const CSS = `
:host{position:fixed!important;z-index:var(--genesys-guest-layer,9999);inset-block-end:var(--genesys-guest-bottom,20px);inset-inline-end:var(--genesys-guest-side,20px);font:15px system-ui}
button{width:60px;height:60px;border:0;border-radius:50%;background:var(--genesys-guest-color,#0165a7);color:var(--genesys-guest-icon,#fff);cursor:pointer;box-shadow:0 4px 16px #0005}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px #000}
button:before{content:"";display:block;margin:auto;width:24px;height:16px;border:3px solid;border-radius:14px 14px 14px 0}
.open:before{width:14px;height:14px;border-width:0 3px 3px 0;border-radius:0;rotate:45deg}
[aria-busy=true]:before{opacity:.5}
p:not(:empty){position:absolute;inset-block-end:60px;inset-inline-end:0;width:max-content;max-width:75vw;overflow-wrap:anywhere;padding:14px;background:#fff;color:#000;border-radius:14px;box-shadow:0 4px 16px #0005}
@media(prefers-reduced-motion:no-preference){[aria-busy=true]:before{animation:a 1s infinite alternate}@keyframes a{to{opacity:1}}}
@media print{:host{display:none}}
@media(forced-colors:active){button,p:not(:empty){border:2px solid}}`;

/** A constructed style sheet needs no permission of a content security policy; an older browser has only `<style>`. */
export const addStyle = (root: ShadowRoot, nonce: string | undefined): void => {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(Object.assign(document.createElement('style'), { nonce, textContent: CSS }));
  }
};
