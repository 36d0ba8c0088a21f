// The platform's limits on what it takes. Source: the guest-token tutorial and Messenger's documentation.

/** UTF-8 bytes of all `messaging.customAttributes`; above it the visitor's message fails to send. For the page, alone. */
export const CUSTOM_ATTRIBUTES_BYTES = 2048;

export const LIMITS = {
  /** Characters of an `externalId`, at least 1. */
  externalId: 255,
  /** Attributes of one guest. */
  attributes: 20,
  /** Characters of an attribute's key. */
  attributeKey: 128,
  /** Characters of an attribute's value. */
  attributeValue: 512,
  /** UTF-8 bytes of all `messaging.customAttributes`; above it the visitor's message fails to send. */
  customAttributesBytes: CUSTOM_ATTRIBUTES_BYTES,
  /** Bytes of a request body. */
  requestBytes: 512_000,
} as const;
