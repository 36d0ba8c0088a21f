// Puts back what a page takes away without meaning to: by hydrating the whole document, or by swapping its body.

/**
 * Watches `<html>`, the body, and what is in them directly.
 *
 * @param look is given what came and what went; not in the midst of the change, so that no fight over a place blocks the page
 * @returns what ends it
 */
export const watchBody = (look: (came: readonly Node[], went: readonly Node[]) => void): (() => void) => {
  const observer = new MutationObserver((records) => {
    observe();
    const came = records.flatMap(({ addedNodes }) => [...addedNodes]);
    const went = records.flatMap(({ removedNodes }) => [...removedNodes]);
    setTimeout(() => look(came, went));
  });
  const observe = () => {
    for (const node of [document, document.documentElement, document.body]) {
      if (node) observer.observe(node, { childList: true });
    }
  };
  observe();
  return () => observer.disconnect();
};

/** Messenger's launcher and window, as far as it is publicly known. */
const FRAME = '[id^=genesys-mxg]';

/**
 * Keeps Messenger's launcher and window on a page that swaps its body. Call it when Messenger is ready.
 *
 * @returns whether there is one of them, or none was ever seen, and what ends it
 */
export const keepFrames = (): { areThere(): boolean; stop(): void } => {
  const frames = new Set<Node>();
  const keep = (node: Node) => {
    if (!(node instanceof Element && node.matches(FRAME))) return;
    frames.add(node);
    // Turbo takes it out of a body that it morphs, alone.
    node.setAttribute('data-turbo-permanent', '');
  };
  document.querySelectorAll(FRAME).forEach(keep);
  const stop = watchBody((came, went) => {
    came.forEach(keep);
    // What Messenger takes away itself goes alone.
    if (went.every((node) => frames.has(node))) return;
    for (const frame of frames) if (!frame.isConnected) document.body.append(frame);
  });
  return { stop, areThere: () => !frames.size || [...frames].some(({ isConnected }) => isConnected) };
};
