import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Role } from '../../shared/session.ts';
import { cookieOf, httpWorld, type HttpWorld, PASSWORD, TOKEN } from '../support/http-world.ts';

let world: HttpWorld;
beforeAll(async () => {
  world = await httpWorld();
});
afterAll(() => world.app.close());

const OPEN = [
  'GET /.well-known/oauth-authorization-server',
  'GET /health/live',
  'GET /health/ready',
  'GET /v1/docs',
  'GET /v1/docs/style.css',
  'GET /v1/jwks.json',
  'GET /v1/openapi.json',
  'POST /v1/sessions',
  'POST /v1/tokens',
];

/** Who may do what, read as a table: o operator, a approver, A administrator, i auditor, c cjib. */
// prettier-ignore
const RIGHTS: Record<string, string> = {
  'PUT /v1/orders/:orderId':                    '    c',
  'GET /v1/orders':                             'oaA c',
  'GET /v1/orders/:orderId':                    'oaA c',
  'GET /v1/orders/:orderId/versions':           'oaA c',
  'POST /v1/orders/:orderId/approvals':         ' a   ',
  'POST /v1/orders/:orderId/rejections':        ' a  c',
  'PUT /v1/orders/:orderId/bans/:banId/zone':   ' a   ',
  'POST /v1/orders/:orderId/previews':          ' a   ',
  'POST /v1/orders/:orderId/suspensions':       ' a  c',
  'POST /v1/orders/:orderId/resumptions':       ' a  c',
  'POST /v1/orders/:orderId/withdrawals':       ' a  c',
  'GET /v1/orders/:orderId/compliance':         ' a  c',
  'PUT /v1/subscriptions/:subscriptionId':      '    c',
  'GET /v1/subscriptions':                      '  A c',
  'GET /v1/subscriptions/:subscriptionId':      '    c',
  'DELETE /v1/subscriptions/:subscriptionId':   '    c',
  'GET /v1/events':                             '    c',
  'PUT /v1/devices/:deviceId':                  '  A  ',
  'GET /v1/devices':                            '  A  ',
  'PUT /v1/clients/:clientId':                  '  A  ',
  'GET /v1/clients':                            '  A  ',
  'GET /v1/clients/:clientId':                  '  A  ',
  'DELETE /v1/clients/:clientId':               '  A  ',
  'GET /v1/alerts':                             'o  i ',
  'GET /v1/alerts/:alertId':                    'o  i ',
  'GET /v1/alerts/:alertId/events':             'o  i ',
  'GET /v1/alerts/:alertId/track':              'o    ',
  'POST /v1/alerts/:alertId/acknowledgement':   'o    ',
  'POST /v1/alerts/:alertId/notes':             'o    ',
  'POST /v1/alerts/:alertId/dispatches':        'o    ',
  'POST /v1/alerts/:alertId/closure':           'o    ',
  'POST /v1/alerts/:alertId/shelving':          'o    ',
  'GET /v1/persons/:personId/positions':        'o    ',
  'GET /v1/looks':                              '   i ',
  'GET /v1/sessions/current':                   'oaAic',
  'DELETE /v1/sessions/current':                'oaAic',
  'GET /v1/console':                            'o    ',
  'GET /metrics':                               '  A  ',
};
const LETTERS: Record<Role, string> = {
  operator: 'o',
  approver: 'a',
  administrator: 'A',
  auditor: 'i',
  cjib: 'c',
};

/** Every route there is, from fastify's own listing. */
function routes(): string[] {
  const found: string[] = [];
  const path: string[] = [];
  for (const line of world.app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent, part, methods] = /^([│ ├└─]*)(\S.*?) \((.*)\)$/.exec(line) ?? [];
    if (indent === undefined || part === undefined) continue;
    path.splice(indent.length / 4 - 1);
    path.push(part);
    for (const method of methods?.split(', ') ?? []) found.push(`${method} ${path.join('')}`);
  }
  return found.filter((route) => !route.startsWith('HEAD'));
}

describe('every route', () => {
  test('is in the table of rights or open on purpose', () => {
    expect(routes().toSorted()).toEqual([...Object.keys(RIGHTS), ...OPEN].toSorted());
  });

  test.each(Object.keys(RIGHTS))('%s answers 401 to a stranger', async (route) => {
    const [method, url] = route.split(' ') as ['GET', string];
    const answer = await world.app.inject({ method, url, remoteAddress: '192.0.2.1' });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'not-signed-in']);
    expect(answer.headers['www-authenticate']).toMatch('Bearer');
  });

  test.each(OPEN)('%s is open', async (route) => {
    const [method, url] = route.split(' ') as ['GET', string];
    expect((await world.app.inject({ method, url })).statusCode).not.toBe(401);
  });

  const cells = Object.entries(RIGHTS).flatMap(([route, rights]) =>
    Role.options.map((role) => [role, route, rights.includes(LETTERS[role])] as const),
  );
  test.each(cells)('as %s: %s allowed %s', async (role, route, allowed) => {
    const [method, url] = route.split(' ') as ['GET', string];
    // Signing out is tried last of all, elsewhere: here it would end the session of later rows.
    if (method === ('DELETE' as string)) return;
    const headers = world.as(role);
    const answer = await world.app.inject({ method, url, headers, remoteAddress: '192.0.2.1' });
    expect(answer.statusCode === 403).toBe(!allowed);
    expect(answer.statusCode).not.toBe(401);
  });
});

describe('credentials', () => {
  // prettier-ignore
  test.each([
    ['no session of ours',          { cookie: 'cordon_session=nonsense' }],
    ['an empty session',            { cookie: 'cordon_session=' }],
    ['a token that nobody has',     { authorization: 'Bearer nonsense' }],
    ['a session as a bearer token', { authorization: 'Bearer token-of-operator' }],
    ['a token as a session',        { cookie: `cordon_session=${TOKEN}` }],
    ['a user name and password',    { authorization: `Basic ${btoa(`operator:${PASSWORD}`)}` }],
    ['a wrong token beside a right session', { authorization: 'Bearer x', cookie: cookieOf('operator') }],
  ])('%s opens nothing', async (_what, headers) => {
    const answer = await world.app.inject({ url: '/v1/sessions/current', headers });
    expect(answer.statusCode).toBe(401);
  });

  // prettier-ignore
  test.each([
    ['this machine',            '127.0.0.1',  {},                              200],
    ['this machine, IPv6',      '::1',        {},                              200],
    ['elsewhere',               '192.0.2.1',  {},                              401],
    ['elsewhere by a proxy',    '127.0.0.1',  { 'x-forwarded-for': '1.2.3.4' }, 401],
  ] as const)('metrics asked from %s', async (_where, remoteAddress, headers, status) => {
    const answer = await world.app.inject({ url: '/metrics', remoteAddress, headers });
    expect(answer.statusCode).toBe(status);
  });
});

describe('pages of other sites', () => {
  const acknowledge = (headers: Record<string, string>, app = world.app) =>
    app.inject({
      method: 'POST',
      url: '/v1/alerts/a-1/acknowledgement',
      headers: { host: 'cordon.example', ...world.as('operator'), ...headers },
    });

  // prettier-ignore
  test.each([
    [undefined,                        404],
    ['http://cordon.example',          404],
    ['https://cordon.example',         404],
    ['https://cordon.example:443',     404],
    ['https://cordon.example:8443',    403],
    ['https://evil.example',           403],
    ['https://cordon.example.evil',    403],
    ['null',                           403],
    ['',                               403],
  ])('a change asked from origin %s answers %i', async (origin, status) => {
    const answer = await acknowledge(origin === undefined ? {} : { origin });
    expect(answer.statusCode).toBe(status);
  });

  test('cannot sign anybody in', async () => {
    const payload = { username: 'operator', password: PASSWORD };
    const headers = { origin: 'https://evil.example' };
    const answer = await world.app.inject({
      method: 'POST',
      url: '/v1/sessions',
      payload,
      headers,
    });
    expect(answer.json().code).toBe('foreign-origin');
  });

  test('behind TLS a page without it is foreign', async () => {
    const secure = await httpWorld({ secureCookies: true });
    expect((await acknowledge({ origin: 'http://cordon.example' }, secure.app)).statusCode).toBe(
      403,
    );
    expect((await acknowledge({ origin: 'https://cordon.example' }, secure.app)).statusCode).toBe(
      404,
    );
    await secure.app.close();
  });
});
