// Events are CloudEvents in signed batches that others' libraries accept; what an answer means to who sent them.
import { HTTP, CloudEvent as OfficialCloudEvent } from 'cloudevents';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { cloudEvent } from './cloud-event.ts';
import { deliveryOfError, deliveryOfStatus } from './receivers.ts';
import { keyOf, messageId, signedHeaders } from './signature.ts';
import { entry, eventOf } from './testing/entries.ts';

describe('an event', () => {
  it.each([
    ['ISSUED', 'issued', 'GUEST_TOKEN_PROVISIONED'],
    ['RENEWED', 'renewed', 'GUEST_TOKEN_PROVISIONED'],
    ['FAILED', 'failed', 'GUEST_TOKEN_FAILED'],
    ['FORGOTTEN', 'forgotten', 'GUEST_TOKEN_FORGOTTEN'],
  ] as const)('of %s is a CloudEvent by the CNCF SDK', (action, type, name) => {
    const event = cloudEvent(entry('anna', action), 'mypurecloud.ie');
    expect(new OfficialCloudEvent({ ...event }).validate()).toBe(true);
    expect(event).toMatchObject({
      type: `io.github.genesys-guest.token.${type}`,
      source: '/genesys-guest/mypurecloud.ie/chat%2F1',
      data: { event: name, externalId: 'anna', action },
    });
    expect(event.data).not.toHaveProperty('instance');
  });

  it('is read by the CNCF SDK from a batch', () => {
    const batch = [eventOf('anna'), eventOf('bert')];
    const read = HTTP.toEvent({
      headers: { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' },
      body: JSON.stringify(batch),
    });
    expect(read).toHaveLength(2);
  });
});

describe('a signature', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const old = `whsec_${Buffer.alloc(24, 8).toString('base64')}`;
  const body = JSON.stringify([eventOf('änna')]);

  it.each([secret, old])('verifies with the standardwebhooks package, by each secret in use', (one) => {
    const headers = signedHeaders([keyOf(secret), keyOf(old)], 'msg_1', body, Date.now());
    expect(new Webhook(one).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(one).verify(body.replace('ISSUED', 'FAILED'), headers)).toThrow();
  });

  it('is made for the time of sending: an old one is refused', () => {
    const headers = signedHeaders([keyOf(secret)], 'msg_1', body, Date.now() - 600_000);
    expect(() => new Webhook(secret).verify(body, headers)).toThrow(/too old/);
  });

  it('names the same batch alike, and another otherwise', () => {
    expect(messageId(['a', 'b'])).toBe(messageId(['a', 'b']));
    expect(messageId(['a', 'b'])).not.toBe(messageId(['a', 'c']));
  });
});

describe('an answer', () => {
  it.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [301, 'refused'],
    [400, 'refused'],
    [401, 'refused'],
    [408, 'unavailable'],
    [410, 'refused'],
    [413, 'too_large'],
    [429, 'unavailable'],
    [500, 'refused'],
    [502, 'unavailable'],
    [503, 'unavailable'],
  ])('with status %d means %s', (status, kind) => {
    expect(deliveryOfStatus(status, undefined).kind).toBe(kind);
  });

  it.each([
    [new Error('no'), 'refused', undefined],
    [Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), 'unavailable', undefined],
    [Object.assign(new Error('no'), { retryable: true }), 'unavailable', undefined],
    [Object.assign(new Error('no'), { retryAfter: 7 }), 'unavailable', 7],
    [Object.assign(new Error('no'), { $fault: 'server' }), 'unavailable', undefined],
    ['a text', 'refused', undefined],
    [undefined, 'refused', undefined],
  ])('that is thrown, %s, means %s', (error, kind, retryAfter) => {
    expect(deliveryOfError(error)).toMatchObject({ kind, retryAfter });
  });
});
