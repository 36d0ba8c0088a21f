// How an anonymous visitor's id looks: the server makes such ids and takes no member's, and the page tells the two apart.

/** `guest-` and 18 random bytes in base64url. */
const ANONYMOUS_ID = /^guest-[\w-]{24}$/;

/** Is this the id that the server has made for an anonymous visitor? */
export const isAnonymousId = (externalId: string): boolean => ANONYMOUS_ID.test(externalId);
