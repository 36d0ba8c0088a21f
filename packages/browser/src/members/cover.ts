// Keeps Messenger's launcher and window out of sight until it is certain whose they are.

/** Messenger's frames, as far as it is publicly known. Hidden they stay alive: to be cleared, or to be shown again. */
const CSS = '[id^=genesys-mxg]{visibility:hidden!important}';

export interface Cover {
  put(): void;
  lift(): void;
  isOn(): boolean;
  /** Resolves when nothing is covered. */
  lifted(): Promise<void>;
}

/** @returns what takes the style away. A constructed style sheet needs no permission of a content security policy. */
const hide = (nonce: string | undefined): (() => void) => {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
    };
  } catch {
    const style = Object.assign(document.createElement('style'), { nonce: nonce ?? '', textContent: CSS });
    document.head.append(style);
    return () => style.remove();
  }
};

export const createCover = (nonce: string | undefined): Cover => {
  let show: (() => void) | undefined;
  let waiting: (() => void)[] = [];
  return {
    put() {
      show ??= hide(nonce);
    },
    lift() {
      show?.();
      show = undefined;
      for (const go of waiting) go();
      waiting = [];
    },
    isOn: () => Boolean(show),
    lifted: () => new Promise((resolve) => (show ? waiting.push(resolve) : resolve())),
  };
};
