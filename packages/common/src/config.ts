// What a page is told about its guest: the answer of `GET /config` and `POST /renew`.

/** Facts about a guest that ride to the agent with the conversation. At most 20, of 128 characters for a key and 512 for a value. */
export type Attributes = Readonly<Record<string, string>>;

/** Who a visitor is. */
export interface Guest {
  /** The site's own id of the visitor, 1 to 255 characters. */
  readonly externalId: string;
  /** Stable facts: a change of them costs a new token, at most one in 300 s. */
  readonly attributes?: Readonly<Record<string, string | undefined>> | undefined;
  /** Of a signed-in member, for Genesys Cloud alone: give only what the site has verified. */
  readonly claims?: Claims | undefined;
  /** When the member signed in on the site, in seconds since 1970. */
  readonly authTime?: number | undefined;
}

/** A guest as it is once it is checked. */
export interface CheckedGuest extends Omit<Guest, 'attributes'> {
  readonly attributes?: Attributes | undefined;
}

/** What the agent sees of a signed-in member beside the id. */
export interface Claims {
  /** Verified by the site. */ readonly email?: string | undefined;
  /** At most 100 characters. */ readonly given_name?: string | undefined;
  /** At most 100 characters. */ readonly family_name?: string | undefined;
}

/** What the page needs to load Messenger. Public: it may be cached and read by anyone. */
export interface MessengerSettings {
  /** URL of the region's `genesys.min.js`. */
  readonly bootstrap: string;
  /** Messenger's own name of the region, such as `prod-euw1`. */
  readonly environment: string;
  /** The Messenger deployment's id. */
  readonly deploymentId: string;
  /** The mount has signed-in members. */
  readonly members?: boolean;
}

/** The answer of `GET /config` and `POST /renew`. */
export interface OnboardingConfig {
  /** The region's domain, such as `mypurecloud.ie`. */
  readonly environment: string;
  /** The Messenger deployment's id. */ readonly webchatId: string;
  /** Absent for a visitor not yet known. */
  readonly externalId?: string;
  /** The guest token: absent while there is none. */ readonly guestToken?: string;
  /** ISO 8601, by the server's clock. To decide anything, use `expiresIn`: clocks differ, seconds do not. */
  readonly expirationTime?: string;
  /** Seconds the token has left at the time of the answer. */
  readonly expiresIn?: number;
  /** Seconds until the page should `POST /renew`; 0 means now, absent means never. */
  readonly renewIn?: number;
  /** What the site said of the guest. */ readonly attributes?: Attributes;
  /**
   * Of a signed-in member, with `members`: tags that tell whether it is the same one as before, and nothing else. The
   * newest first; a page that holds any of them holds this member's.
   */
  readonly member?: readonly string[];
  /** With `proof`: who the guest is, encrypted, for the agent's custom attributes. Good for 15 minutes. */
  readonly proof?: string;
  /** What the page needs to load Messenger. */ readonly messenger: MessengerSettings;
}
