import {
  changeWebhook,
  disableWebhook,
  MAX_ENDPOINTS,
  PREVIOUS_SECRET_MS,
  registerWebhook,
  removeWebhook,
  rotateSecret,
  type Registration,
  type WebhookDecision,
} from './decide';
import { Endpoints, MAX_VALID_SECRETS, validSecrets } from './endpoints';

const now = Date.UTC(2026, 10, 21, 10);
const asked: Registration = {
  account: 'a1',
  webhookId: 'h1',
  url: 'https://hooks.example.com/',
  events: ['wallet.recharged'],
  threshold: null,
  secret: { salt: 's0', key: 'k' },
  digest: 'd',
};

describe('the endpoints of a platform', () => {
  let endpoints: Endpoints;
  beforeEach(() => {
    endpoints = new Endpoints();
  });
  const taken = (decision: WebhookDecision): WebhookDecision => {
    if (decision.kind === 'accepted') endpoints.evolve(decision.event);
    return decision;
  };
  const h1 = () => endpoints.find('a1', 'h1');
  const register = (more: Partial<Registration> = {}): WebhookDecision =>
    taken(registerWebhook(endpoints, { ...asked, ...more }, now));

  it('are registered once under their id, and never again once they were removed', () => {
    expect(register().kind).toBe('accepted');
    expect(register()).toMatchObject({ kind: 'already so', endpoint: { webhookId: 'h1', enabled: true } });
    expect(register({ digest: 'other' })).toMatchObject({ kind: 'refused', code: 'idempotency_conflict' });
    expect(taken(removeWebhook(h1(), now)).kind).toBe('accepted');
    expect(taken(removeWebhook(h1(), now)).kind).toBe('already so');
    expect(register()).toMatchObject({ kind: 'already so' });
    expect(endpoints.of('a1')).toEqual([]);
  });

  it('of one account are none of another, nor of the platform', () => {
    register();
    expect(register({ account: 'a2' }).kind).toBe('accepted');
    expect(register({ account: null }).kind).toBe('accepted');
    expect([...endpoints.all()].map(({ account }) => account)).toEqual(['a1', 'a2', null]);
    expect(endpoints.of(null).length).toBe(1);
  });

  it.each([
    [{ events: ['dead_letter.opened'] }, '/events/0'],
    [{ events: ['wallet.recharged', 'nothing'] }, '/events/1'],
    [{ events: ['wallet.low'] }, '/threshold'],
    [{ threshold: '5' }, '/threshold'],
  ])('refuse %j', (more, pointer) => {
    expect(register(more)).toMatchObject({ kind: 'refused', code: 'invalid_request', pointer });
  });

  it('are bounded for each account', () => {
    for (let i = 0; i < MAX_ENDPOINTS; i++) expect(register({ webhookId: `h${i}` }).kind).toBe('accepted');
    expect(register({ webhookId: 'more' })).toMatchObject({ kind: 'refused', code: 'invalid_request' });
    expect(register({ account: 'a2', webhookId: 'more' }).kind).toBe('accepted');
  });

  it('are changed where something differs, and only then', () => {
    register();
    expect(taken(changeWebhook(h1(), { events: ['wallet.recharged'], enabled: true }, now)).kind).toBe('already so');
    taken(changeWebhook(h1(), { events: ['wallet.low'], threshold: '5' }, now));
    expect(h1()).toMatchObject({ events: ['wallet.low'], threshold: '5', url: asked.url });
    expect(changeWebhook(h1(), { events: ['usage.charged'] }, now)).toMatchObject({ pointer: '/threshold' });
    expect(changeWebhook(undefined, { enabled: false }, now)).toMatchObject({ code: 'unknown_webhook' });
  });

  it('keep a rotated secret valid for a day, and rotate once under an id', () => {
    register();
    const rotate = (salt: string, requestId: string | null) =>
      taken(rotateSecret(h1(), { secret: { salt, key: 'k' }, requestId }, now));
    const salts = (atMs: number) => validSecrets(h1() ?? endpoints.evolve({} as never), atMs).map(({ salt }) => salt);
    expect(rotate('s1', 'x').kind).toBe('accepted');
    expect(rotate('s2', 'x').kind).toBe('already so');
    expect(salts(now + PREVIOUS_SECRET_MS - 1)).toEqual(['s1', 's0']);
    expect(salts(now + PREVIOUS_SECRET_MS)).toEqual(['s1']);
    for (let i = 2; i < 10; i++) rotate(`s${i}`, null);
    expect(salts(now)).toEqual(['s9', 's8', 's7', 's6', 's5']);
    expect(salts(now).length).toBe(MAX_VALID_SECRETS);
  });

  it('say why they were disabled, until somebody enables them', () => {
    register();
    taken(disableWebhook(h1(), 'failing', now));
    expect(h1()).toMatchObject({ enabled: false, disabledBecause: 'failing' });
    expect(taken(disableWebhook(h1(), 'gone', now)).kind).toBe('already so');
    taken(changeWebhook(h1(), { enabled: true }, now));
    expect(h1()).toMatchObject({ enabled: true, disabledBecause: null });
  });

  it('cannot be what their events do not allow', () => {
    const changed = {
      type: 'WebhookRemoved',
      occurredAt: '2026-11-21T10:00:00.000Z',
      account: 'a1',
      webhookId: 'h1',
    } as const;
    expect(() => endpoints.evolve(changed)).toThrow('before h1 was registered');
    register();
    endpoints.evolve(changed);
    expect(() => endpoints.evolve(changed)).toThrow('after h1 was removed');
  });
});
