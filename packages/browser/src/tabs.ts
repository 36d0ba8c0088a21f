// The other tabs of this browser: each tells what it got. Where the browser cannot do that, nobody hears anything.

/**
 * @param name the same for all tabs that belong together, and for no others
 * @returns what tells the other tabs, also after the end
 */
export const joinTabs = <Message>(
  name: string,
  signal: AbortSignal,
  onMessage: (message: Message) => void,
): ((message: Message) => void) => {
  let channel: BroadcastChannel | undefined;
  try {
    channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => onMessage(data as Message);
    signal.addEventListener('abort', channel.close.bind(channel));
  } catch {
    // An old browser, or an origin that may share nothing.
  }
  return (message) =>
    (channel && signal.aborted ? new BroadcastChannel(name) : channel)?.postMessage(message);
};
