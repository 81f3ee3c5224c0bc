import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type ApiClient, Scope, TokenAnswer } from '../../shared/api-client.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import type { Clock, Log } from '../ports.ts';
import { ClientPace } from '../service/client-pace.ts';
import type { ClientRegister } from '../service/client-register.ts';
import { type AccessTokens, TOKEN_LIFE_S } from './access-tokens.ts';
import { claimedClient, clientProver, type Proven } from './client-assertion.ts';
import { certificateOf } from './client-certificate.ts';
import { CLIENT_ALGORITHMS } from './client-keys.ts';
import { allow } from './http-auth.ts';
import { sendProblem } from './http-errors.ts';
import { ProblemError } from './http-problem.ts';
import { signInThrottle } from './http-sign-in-throttle.ts';
import type { TokenKey } from './signing-key.ts';

export interface TokenRouteParts {
  readonly clients: ClientRegister;
  readonly tokens: AccessTokens;
  readonly key: TokenKey;
  readonly clock: Clock;
  readonly log: Log;
  /** As clients call this server. */
  issuer(): string;
}

const GRANT = 'client_credentials';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const FORM = 'application/x-www-form-urlencoded';
export const TOKENS_PATH = '/v1/tokens';
const JWKS_PATH = '/v1/jwks.json';
/** A token is good for five minutes: who asks for more throws them away. */
const TOKENS_PER_MINUTE_MAX = 120;
const tags = ['tokens'];

/** RFC 6749 §4.4 with RFC 7523 §2.2. */
const TokenRequest = z.object({
  grant_type: z.string(),
  client_assertion_type: z.literal(ASSERTION_TYPE),
  client_assertion: z.string().min(1).max(8_192),
  client_id: z.string().max(100).optional(),
  scope: z.string().max(500).optional(),
});
type TokenRequest = z.infer<typeof TokenRequest>;

const TokenError = z
  .object({ error: z.string(), error_description: z.string() })
  .meta({ id: 'TokenError' });
type TokenError = z.infer<typeof TokenError>;

export const tokenRoutes =
  (parts: TokenRouteParts): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(giveTokens(parts));
    app.get(
      JWKS_PATH,
      { ...allow('anyone'), schema: { tags, response: { 200: z.unknown() } } },
      async () => ({ keys: [parts.key.publicJwk] }),
    );
    app.get('/.well-known/oauth-authorization-server', allow('anyone'), async () =>
      metadata(parts.issuer()),
    );
  };

/** RFC 8414. */
const metadata = (issuer: string) => ({
  issuer,
  token_endpoint: issuer + TOKENS_PATH,
  jwks_uri: issuer + JWKS_PATH,
  response_types_supported: [],
  grant_types_supported: [GRANT],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: CLIENT_ALGORITHMS,
  scopes_supported: Scope.options,
  tls_client_certificate_bound_access_tokens: issuer.startsWith('https:'),
});

const giveTokens =
  (parts: TokenRouteParts): FastifyPluginAsyncZod =>
  async (app) => {
    takeForms(app);
    const prove = throttled(parts);
    app.post(
      TOKENS_PATH,
      {
        ...allow('anyone'),
        // Read in the handler, for its faults are told as RFC 6749 has it.
        validatorCompiler: () => (value) => ({ value }),
        schema: {
          tags,
          consumes: [FORM],
          body: TokenRequest,
          response: { 200: TokenAnswer.meta({ id: 'Token' }), 400: TokenError, 401: TokenError },
        },
      },
      async (request, reply) => {
        const asked = asTokenRequest(request.body);
        if (!asked.ok) return sendError(reply, asked.error);
        const proven = await prove(request, asked.value);
        if (!proven.ok) return sendError(reply, proven.error);
        const { client, key } = proven.value;
        const scopes = grantedScopes(client, asked.value.scope);
        if (!scopes.ok) return sendError(reply, scopes.error);
        const token = await parts.tokens.issue(client, key, scopes.value);
        void reply.header('pragma', 'no-cache');
        return reply.send({
          access_token: token,
          token_type: 'Bearer',
          expires_in: TOKEN_LIFE_S,
          scope: scopes.value.join(' '),
        } satisfies TokenAnswer);
      },
    );
  };

/** A parameter that comes twice comes as a list, and is refused as one. (RFC 6749 §3.2) */
function takeForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(FORM, { parseAs: 'string' }, (_request, body, done) => {
    const form = new URLSearchParams(String(body));
    const fields = [...new Set(form.keys())].map((name) => {
      const all = form.getAll(name);
      return [name, all.length === 1 ? all[0] : all] as const;
    });
    done(null, Object.fromEntries(fields));
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
      return sendError(reply, fault('invalid_request', `send ${FORM}`));
    }
    if (error instanceof ProblemError) {
      return sendProblem(reply.headers(error.headers), error.problem);
    }
    throw error;
  });
}

function asTokenRequest(body: unknown): Result<TokenRequest, TokenError> {
  const parsed = TokenRequest.safeParse(body ?? {});
  if (!parsed.success) {
    const told = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return refused(fault('invalid_request', told.join('; ')));
  }
  if (parsed.data.grant_type === GRANT) return ok(parsed.data);
  return refused(fault('unsupported_grant_type', `grant_type must be ${GRANT}`));
}

type Prove = (request: FastifyRequest, asked: TokenRequest) => Promise<Result<Proven, TokenError>>;

/** Guesses are slowed down as those at passwords are, and what is right is given so often only. */
function throttled({ clients, clock, log, issuer }: TokenRouteParts): Prove {
  const audiences = () => [issuer() + TOKENS_PATH, issuer()];
  const prove = clientProver({ clients, clock, audiences });
  const throttle = signInThrottle();
  const paces = new ClientPace();
  return async ({ ip, raw }, { client_assertion: assertion, client_id: named }) => {
    const claimed = claimedClient(assertion).slice(0, 100);
    const waitS = throttle.begin(claimed, ip, clock.nowMs());
    if (waitS !== null) throw tooMany(waitS);
    const proven = await prove(assertion)
      .then((found) => withCertificate(found, certificateOf(raw.socket), named))
      .catch(() => refused('client_assertion cannot be verified'));
    throttle.end(claimed, ip, proven.ok);
    if (!proven.ok) {
      const client = clients.find(claimed)?.client.clientId ?? null;
      log.warn({ client, why: proven.error }, 'no token is given');
      return refused(fault('invalid_client', proven.error));
    }
    const { clientId } = proven.value.client;
    const pace = paces.take(clientId, TOKENS_PER_MINUTE_MAX, clock.nowMs());
    if (pace.isToTell) log.warn({ client: clientId }, 'a client asks for too many tokens');
    if (pace.waitS !== null) throw tooMany(pace.waitS);
    return proven;
  };
}

const tooMany = (waitS: number): ProblemError =>
  new ProblemError('too-many-requests', [], { 'retry-after': String(waitS) });

function withCertificate(
  proven: Result<Proven, string>,
  certificate: string | null,
  named: string | undefined,
): Result<Proven, string> {
  if (!proven.ok) return proven;
  const { clientId, certificateSha256: wanted } = proven.value.client;
  if (named !== undefined && named !== clientId) return refused('client_id is not that of sub');
  if (wanted == null || wanted === certificate) return proven;
  return refused('connect with the TLS certificate that is registered for this client');
}

function grantedScopes(
  { scopes, clientId }: ApiClient,
  asked: string | undefined,
): Result<readonly Scope[], TokenError> {
  if (asked === undefined) return ok(scopes);
  const wanted = [...new Set(asked.split(' '))];
  const strange = wanted.filter((scope) => !scopes.some((own) => own === scope));
  if (strange.length === 0) return ok(scopes.filter((own) => wanted.includes(own)));
  return refused(fault('invalid_scope', `${clientId} may ask for: ${scopes.join(' ')}`));
}

const fault = (error: string, description: string): TokenError => ({
  error,
  // What RFC 6749 §5.2 lets stand there.
  error_description: description.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'"),
});

function sendError(reply: FastifyReply, told: TokenError): FastifyReply {
  return reply.code(told.error === 'invalid_client' ? 401 : 400).send(told);
}
