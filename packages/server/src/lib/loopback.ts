// Which hosts are this machine itself: a connection to them crosses no network.

/** Whether a URL's host is this machine: `localhost` and its subdomains (RFC 6761), 127.0.0.0/8, ::1. */
export const isLoopback = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname);
};
