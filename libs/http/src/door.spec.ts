import { foreignPage, unreadable } from './door';

const own = { host: 'localhost:3000' };

describe('without tokens, a request', () => {
  it.each<[string, Record<string, string>]>([
    ['to localhost', { host: 'localhost' }],
    ['to localhost and a port', own],
    ['to 127.0.0.1', { host: '127.0.0.1:8080' }],
    ['to another address of the loopback', { host: '127.8.9.10' }],
    ['to ::1', { host: '[::1]:3000' }],
    ['of a page of our own', { ...own, origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }],
    ['of somebody who typed the address', { ...own, 'sec-fetch-site': 'none' }],
  ])('%s is taken', (_name, headers) => {
    expect(foreignPage({ headers })).toBeUndefined();
  });

  it.each<[string, Record<string, string>]>([
    ['without a host', {}],
    ['to a name that leads here', { host: 'evil.example' }],
    ['to a name that leads here, and our port', { host: 'evil.example:3000' }],
    ['to a name that begins like ours', { host: 'localhost.evil.example' }],
    ['to an address that begins like ours', { host: '127.0.0.1.evil.example' }],
    ['to two hosts', { host: 'localhost, evil.example' }],
    ['of a page of another site', { ...own, origin: 'https://evil.example' }],
    ['of a page on another port', { ...own, origin: 'http://localhost:8080' }],
    ['of a page without an origin', { ...own, origin: 'null' }],
    ['across sites', { ...own, 'sec-fetch-site': 'cross-site' }],
    ['of the same site', { ...own, 'sec-fetch-site': 'same-site' }],
    ['of a site of an unknown kind', { ...own, 'sec-fetch-site': 'nearby' }],
  ])('%s is forbidden', (_name, headers) => {
    expect(foreignPage({ headers })?.code).toBe('forbidden');
  });
});

describe('a request', () => {
  it.each<[string, Record<string, string>]>([
    ['no encoding', { 'content-encoding': '' }],
    ['the encoding identity', { 'content-encoding': 'Identity' }],
    ['UTF-8', { 'content-type': 'application/json; charset=UTF-8' }],
    ['UTF-8 in quotes', { 'content-type': 'application/json;charset="utf-8"' }],
    ['ASCII', { 'content-type': 'application/json; charset=us-ascii' }],
    ['another parameter', { 'content-type': 'application/json; profile=x' }],
    ['100-continue', { expect: '100-Continue' }],
  ])('with %s is read', (_name, headers) => {
    expect(unreadable({ headers })).toBeUndefined();
  });

  it.each<[string, Record<string, string>, string]>([
    ['gzip', { 'content-encoding': 'gzip' }, 'unsupported_media_type'],
    ['two encodings', { 'content-encoding': 'identity, br' }, 'unsupported_media_type'],
    ['UTF-16', { 'content-type': 'application/json; charset=utf-16' }, 'unsupported_media_type'],
    ['Latin-1', { 'content-type': 'application/json; charset="iso-8859-1"' }, 'unsupported_media_type'],
    ['two charsets', { 'content-type': 'text/yaml; charset=utf-8; charset=utf-7' }, 'unsupported_media_type'],
    ['an expectation of its own', { expect: 'a-miracle' }, 'expectation_failed'],
    ['an expectation beside 100-continue', { expect: '100-continue, a-miracle' }, 'expectation_failed'],
  ])('with %s is refused', (_name, headers, code) => {
    expect(unreadable({ headers })?.code).toBe(code);
  });
});
