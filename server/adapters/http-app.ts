import cookie from '@fastify/cookie';
import fastify, { type FastifyInstance } from 'fastify';
import type { AreaBox } from '../core/order-check.ts';
import type { Clock, Desk, Log, Store } from '../ports.ts';
import { consoleGateway } from './console-gateway.ts';
import { alertRoutes } from './http-alerts.ts';
import { guard } from './http-auth.ts';
import { answerHeaders } from './http-answer.ts';
import { consoleFiles } from './http-console-files.ts';
import { deviceRoutes } from './http-devices.ts';
import { answerProblems, rawProblems } from './http-errors.ts';
import { healthRoutes } from './http-health.ts';
import { validateInput } from './http-input.ts';
import { lookRoutes } from './http-looks.ts';
import { describeApi, openapiRoutes } from './http-openapi.ts';
import { orderRoutes } from './http-orders.ts';
import { personRoutes } from './http-persons.ts';
import { previewRoutes } from './http-previews.ts';
import { openSessionBook } from './http-session-book.ts';
import { sessionRoutes } from './http-sessions.ts';
import type { Metrics } from './metrics.ts';

export interface AppParts {
  readonly desk: Desk;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Boxes in which the zones of orders may lie. */
  readonly area: readonly AreaBox[];
  readonly secureCookies: boolean;
  /** What the canary shows at the consoles' door. */
  readonly canarySecret: string;
  /** The built console; null, or a folder that is not there, serves none. */
  readonly consoleDir: string | null;
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
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    forceCloseConnections: true,
    ...rawProblems,
  });
  app.setValidatorCompiler(validateInput);
  // Answers are built by us, field by field: their schemas are for the reader of the interface.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  answerProblems(app, log);
  answerHeaders(app, { clock, log, secure: secureCookies });
  guard(app, book, secureCookies);

  await app.register(cookie);
  await describeApi(app);
  await app.register(orderRoutes({ desk, store, area }));
  await app.register(previewRoutes({ desk, store, clock, area }));
  await app.register(deviceRoutes(desk));
  await app.register(alertRoutes({ desk, store, clock }));
  await app.register(personRoutes({ desk, store, clock }));
  await app.register(lookRoutes(store));
  await app.register(sessionRoutes({ book, clock, secureCookies }));
  await app.register(healthRoutes(desk, metrics));
  await app.register(openapiRoutes);
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
