import cookie from '@fastify/cookie';
import fastify, { type FastifyInstance } from 'fastify';
import type { AreaBox } from '../core/order-check.ts';
import type { Clock, Desk, Log, Store } from '../ports.ts';
import type { FeedbackDesk } from '../service/feedback-desk.ts';
import { consoleGateway } from './console-gateway.ts';
import { ClientRegister } from '../service/client-register.ts';
import { accessTokens } from './access-tokens.ts';
import { alertRoutes } from './http-alerts.ts';
import { guard } from './http-auth.ts';
import { answerHeaders } from './http-answer.ts';
import { clientRoutes } from './http-clients.ts';
import { consoleFiles } from './http-console-files.ts';
import { deviceRoutes } from './http-devices.ts';
import { docsRoutes } from './http-docs.ts';
import { feedbackRoutes } from './http-feedback.ts';
import { answerProblems, rawProblems } from './http-errors.ts';
import { healthRoutes } from './http-health.ts';
import { validateInput } from './http-input.ts';
import { lookRoutes } from './http-looks.ts';
import { describeApi, openapiRoutes } from './http-openapi.ts';
import { orderRoutes } from './http-orders.ts';
import { personRoutes } from './http-persons.ts';
import { previewRoutes } from './http-previews.ts';
import { rateLimiter } from './http-rate-limit.ts';
import { openSessionBook } from './http-session-book.ts';
import { sessionRoutes } from './http-sessions.ts';
import { tokenRoutes } from './http-tokens.ts';
import type { Metrics } from './metrics.ts';
import type { TokenKey } from './signing-key.ts';
import type { TlsFiles } from './tls-files.ts';

export interface AppParts {
  readonly desk: Desk;
  readonly feedback: FeedbackDesk;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Boxes in which the zones of orders may lie. */
  readonly area: readonly AreaBox[];
  readonly secureCookies: boolean;
  /** Null: plain HTTP, as behind a proxy. */
  readonly tls: TlsFiles | null;
  readonly tokenKey: TokenKey;
  /** No order without a signature, whoever sends it. */
  readonly signedOrdersRequired: boolean;
  /** What the canary shows at the consoles' door. */
  readonly canarySecret: string;
  /** The built console; null, or a folder that is not there, serves none. */
  readonly consoleDir: string | null;
  /** The address by which clients call this server; known when it listens. */
  publicUrl(): string;
}

/** All bodies but an order's are a few fields. */
const BODY_BYTES_MAX = 64 * 1024;
/** The longest id is an order's or a person's, 128 characters, percent-encoded at worst. */
const PARAM_LENGTH_MAX = 3 * 128;
/** A client that takes longer to send its request holds a connection hostage. */
const REQUEST_MS_MAX = 60_000;

/** The whole outside of Cordon but MQTT, not listening yet. Reads accounts and sessions first. */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { desk, store, clock, log, metrics, area, secureCookies, consoleDir } = parts;
  const { canarySecret } = parts;
  const book = await openSessionBook(store, clock, log);
  const clients = await ClientRegister.open(store, clock, log);
  const { tokenKey: key, publicUrl: issuer } = parts;
  const tokens = accessTokens({ key, clients, clock, issuer });
  const app = bareApp(parts.tls);
  app.setValidatorCompiler(validateInput);
  // Answers are built by us, field by field: their schemas are for the reader of the interface.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  answerProblems(app, log);
  answerHeaders(app, { clock, log, secure: secureCookies });
  guard(app, { book, tokens, limitRate: rateLimiter(clock, log), secure: secureCookies });

  await app.register(cookie);
  await describeApi(app);
  const { signedOrdersRequired } = parts;
  await app.register(orderRoutes({ desk, store, clock, area, signedOrdersRequired }));
  await app.register(clientRoutes({ clients, book, feedback: parts.feedback }));
  await app.register(tokenRoutes({ clients, tokens, key, clock, log, issuer }));
  await app.register(feedbackRoutes({ feedback: parts.feedback, store }));
  await app.register(previewRoutes({ desk, store, clock, area }));
  await app.register(deviceRoutes(desk));
  await app.register(alertRoutes({ desk, store, clock }));
  await app.register(personRoutes({ desk, store, clock }));
  await app.register(lookRoutes(store));
  await app.register(sessionRoutes({ book, clock, secureCookies }));
  await app.register(healthRoutes(desk, metrics));
  await app.register(openapiRoutes);
  await app.register(docsRoutes);
  await app.register(consoleFiles(consoleDir));
  await app.register(
    consoleGateway({
      desk,
      store,
      clock,
      log,
      book,
      canarySecret,
      meter: metrics.meter,
      secure: secureCookies,
    }),
  );
  return app;
}

function bareApp(tls: TlsFiles | null): FastifyInstance {
  const options = {
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    forceCloseConnections: true,
    ...rawProblems,
  };
  if (tls === null) return fastify(options);
  const { cert, key, ca } = tls;
  // Browsers have no certificate: whoever must have one is refused where it is asked for.
  const asked = ca === null ? {} : { ca, requestCert: true, rejectUnauthorized: false };
  const secured = fastify({ ...options, https: { cert, key, ...asked, minVersion: 'TLSv1.2' } });
  return secured as unknown as FastifyInstance;
}
