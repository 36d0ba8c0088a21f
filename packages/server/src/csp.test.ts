// A page's policy lets Messenger in and opens nothing beside it.
import { REGIONS } from '@genesys-guest/common';
import { describe, expect, it } from 'vitest';
import { cspDirectives } from './csp.ts';

describe('cspDirectives', () => {
  it('has what Messenger loads, connects to, frames and shows', () => {
    expect(cspDirectives({ region: 'ca-central-1' })).toEqual({
      'script-src': ["'self'", 'https://*.cac1.pure.cloud'],
      'connect-src': [
        "'self'",
        'https://*.cac1.pure.cloud',
        'wss://*.cac1.pure.cloud',
        'https://shyrka-prod-cac1.s3.ca-central-1.amazonaws.com',
      ],
      'frame-src': ["'self'", 'https://apps.cac1.pure.cloud'],
      'img-src': ["'self'", 'data:', 'https://*.cac1.pure.cloud'],
      'media-src': ["'self'", 'https://*.cac1.pure.cloud'],
    });
  });

  it('has the second domain of the older regions', () => {
    const directives = cspDirectives({ region: 'prod-euw1' });
    expect(directives['connect-src']).toEqual(
      expect.arrayContaining([
        'https://*.mypurecloud.ie',
        'wss://*.mypurecloud.ie',
        'https://*.euw1.pure.cloud',
        'wss://*.euw1.pure.cloud',
      ]),
    );
  });

  it('has the host of a bootstrap script from elsewhere', () => {
    const bootstrap = 'http://127.0.0.1:4010/genesys-bootstrap/genesys.min.js';
    const directives = cspDirectives({ region: 'eu-west-1', endpoints: { bootstrap } });
    for (const sources of Object.values(directives)) expect(sources).toContain('http://127.0.0.1:4010');
    expect(directives['connect-src']).toContain('ws://127.0.0.1:4010');
  });

  it.each(REGIONS.map(({ aws, messenger }) => [aws, messenger]))(
    'names the bucket of %s',
    (aws, messenger) => {
      const [bucket] = cspDirectives({ region: aws as string })['connect-src'].filter((source) =>
        source.includes('shyrka'),
      );
      const hosts: Record<string, string> = {
        'us-east-1': 's3.amazonaws.com',
        'us-east-2': 's3-fips.us-east-2.amazonaws.com',
      };
      expect(bucket).toBe(`https://shyrka-${messenger}.${hosts[aws as string] ?? `s3.${aws}.amazonaws.com`}`);
    },
  );

  it.each(REGIONS.map(({ aws }) => aws))('is fit for Helmet in %s', (region) => {
    for (const [name, sources] of Object.entries(cspDirectives({ region }))) {
      expect(name).toMatch(/^[a-z]+-src$/);
      expect(sources).toContain("'self'");
      for (const source of sources)
        expect(source).toMatch(/^('self'|data:|(https|wss):\/\/(\*\.)?[a-z0-9.-]+)$/);
    }
  });

  it('names the region nearest to a misspelt one', () => {
    expect(() => cspDirectives({ region: 'eu-wset-1' })).toThrow(/eu-west-1/);
  });
});

it.each([[undefined], [{}], [{ region: undefined }], [{ region: 5 }]])(
  'asks for the region where there is none: %j',
  (options) => {
    expect(() => cspDirectives(options as never)).toThrow(
      expect.objectContaining({
        code: 'configuration_invalid',
        errors: [expect.objectContaining({ field: 'region' })],
      }),
    );
  },
);
