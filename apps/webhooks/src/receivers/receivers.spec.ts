import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { Networks } from './networks';
import { checkAddresses } from './resolve-host';
import { signedHeaders } from './sign';
import { urlFault } from './url-policy';

const open = new Networks([]);
const inside = new Networks(['127.0.0.0/8', '10.1.0.0/16', 'fd00::/8']);

describe('where deliveries may go', () => {
  it.each([
    ...[
      '0.0.0.0',
      '10.0.0.1',
      '100.64.0.1',
      '127.0.0.1',
      '127.255.255.254',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
    ],
    ...['192.168.1.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '192.0.0.1'],
    ...[
      '::',
      '::1',
      'fe80::1',
      'fe80::1%eth0',
      'fc00::1',
      'fd12::1',
      'ff02::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::127.0.0.1',
    ],
    ...[
      '64:ff9b::a00:1',
      '64:ff9b:1::1',
      '2001::1',
      '2001:db8::1',
      '2002:7f00:1::',
      '3fff::1',
      '100::1',
      'not an address',
      '',
    ],
  ])('is not to %s', (address) => {
    expect(open.mayReach(address)).toBe(false);
  });

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '193.0.0.1', '2606:4700::1', '2a00::1', '::ffff:8.8.8.8'])(
    'is to %s',
    (address) => {
      expect(open.mayReach(address)).toBe(true);
    },
  );

  it('is into networks that were configured, however they are written', () => {
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '10.1.2.3', 'fd12::1'])
      expect([address, inside.mayReach(address)]).toEqual([address, true]);
    for (const address of ['10.2.0.1', '::1', '192.168.0.1'])
      expect([address, inside.mayReach(address)]).toEqual([address, false]);
  });

  it('is nowhere of a name that leads to one forbidden address, and unencrypted only into configured networks', () => {
    const at = (address: string) => ({ address, family: 4 as const });
    expect(() => checkAddresses([at('8.8.8.8'), at('10.0.0.1')], open, true)).toThrow('may not go to');
    expect(() => checkAddresses([at('8.8.8.8')], inside, false)).toThrow('may not go to');
    checkAddresses([at('10.1.0.1')], inside, false);
    checkAddresses([at('8.8.8.8')], inside, true);
  });

  it.each([
    ...[
      'http://example.com/',
      'ftp://example.com/',
      'https://user@example.com/',
      'https://:p@example.com/',
      'nonsense',
      '',
    ],
    ...[
      'https://localhost/',
      'https://a.localhost/',
      'https://printer.local/',
      'https://db.internal/',
      'https://receiver/',
    ],
    ...[
      'https://127.0.0.1/',
      'https://2130706433/',
      'https://0177.0.0.1/',
      'https://127.1/',
      'https://[::1]/',
      'https://localhost./',
    ],
    ...[
      'https://example.com:22/',
      'https://example.com:25/',
      'https://example.com/#a',
      `https://example.com/${'x'.repeat(2100)}`,
    ],
    ...['javascript:alert(1)', 'file:///etc/passwd', 'https://[::ffff:7f00:1]/', 'https://１２７.0.0.1/'],
  ])('is not to the URL %s', (url) => {
    expect(urlFault(url, open)).toEqual(expect.any(String));
  });

  it.each([
    'https://example.com/hook?a=b',
    'https://example.com:8443/',
    'https://8.8.8.8/',
    'https://hooks.example.test/',
  ])('is to the URL %s', (url) => {
    expect(urlFault(url, open)).toBeUndefined();
  });

  it('is unencrypted into configured networks alone', () => {
    expect(urlFault('http://127.0.0.1:8080/', inside)).toBeUndefined();
    expect(urlFault('http://receiver:8080/', inside)).toBeUndefined();
    expect(urlFault('http://8.8.8.8/', inside)).toEqual(expect.any(String));
  });
});

describe('the signature of a delivery', () => {
  const secrets = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)].map((key) => `whsec_${key.toString('base64')}`);

  it('is that of Standard Webhooks, one for each secret', () => {
    const atMs = Date.now();
    const body = JSON.stringify({ type: 'x', text: 'ä\u2028' });
    const headers = signedHeaders('msg_1', body, secrets, atMs);
    const expected = secrets.map((secret) => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      return `v1,${createHmac('sha256', key)
        .update(`msg_1.${Math.floor(atMs / 1000)}.${body}`)
        .digest('base64')}`;
    });
    expect(headers).toMatchObject({ 'webhook-id': 'msg_1', 'webhook-signature': expected.join(' ') });
    for (const secret of secrets) expect(new Webhook(secret).verify(body, { ...headers })).toEqual(JSON.parse(body));
    expect(() => new Webhook(`whsec_${Buffer.alloc(32, 3).toString('base64')}`).verify(body, { ...headers })).toThrow();
  });
});
