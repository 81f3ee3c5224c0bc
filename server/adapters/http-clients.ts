import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiClientBody, ApiClientView, ClientId } from '../../shared/api-client.ts';
import { toInstant } from '../../shared/instant.ts';
import type { ClientRegister, RegisteredClient } from '../service/client-register.ts';
import type { FeedbackDesk } from '../service/feedback-desk.ts';
import { jwkFaults } from './client-keys.ts';
import { allow, identityOf } from './http-auth.ts';
import { validateStrictly } from './http-input.ts';
import { page, pageOf, PageQuery } from './http-page.ts';
import { type InputFault, ProblemError } from './http-problem.ts';
import type { SessionBook } from './http-session-book.ts';

const ClientView = ApiClientView.meta({ id: 'Client' });
const READ_ONLY_KEYS = ['clientId', 'at', 'by'];
const Params = z.object({ clientId: ClientId });
const Conditional = z.looseObject({ 'if-match': z.string().max(1_000).optional() });
const tags = ['clients'];
const ADMINISTRATOR = allow(['administrator']);

export interface ClientParts {
  readonly clients: ClientRegister;
  readonly book: SessionBook;
  readonly feedback: Pick<FeedbackDesk, 'removeAll'>;
}

/** The machines that speak for organisations: their keys, and what they may do. (SPEC CI1) */
export const clientRoutes =
  (parts: ClientParts): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(putClient(parts));
    await app.register(readClients(parts));
    app.delete(
      '/v1/clients/:clientId',
      { ...ADMINISTRATOR, schema: { tags, params: Params, headers: Conditional } },
      async (request, reply) => {
        const found = findClient(parts.clients, request.params.clientId);
        checkMatch(request.headers['if-match'], found);
        const by = identityOf(request).username;
        // It hears of nothing from here on, or stays a client.
        const deaf = await parts.feedback.removeAll(found.client.clientId, by);
        if (!deaf.ok) throw new ProblemError('store-failing');
        await parts.clients.remove(found.client.clientId, by).catch(storeFails);
        return reply.code(204).send();
      },
    );
  };

const putClient =
  ({ clients, book }: ClientParts): FastifyPluginAsyncZod =>
  async (app) => {
    const faults = new WeakMap<object, readonly InputFault[]>();
    const faultsOf = (body: unknown): readonly InputFault[] => faults.get(Object(body)) ?? [];
    app.put(
      '/v1/clients/:clientId',
      {
        ...ADMINISTRATOR,
        preValidation: async ({ body }) => {
          if (body) faults.set(Object(body), await jwkFaults(body));
        },
        validatorCompiler: validateStrictly(READ_ONLY_KEYS, faultsOf),
        schema: {
          tags,
          params: Params,
          headers: Conditional,
          body: ApiClientBody,
          response: { 200: ClientView, 201: ClientView },
        },
      },
      async (request, reply) => {
        const { clientId } = request.params;
        if (book.hasAccount(clientId)) throw nameTaken();
        const before = clients.find(clientId);
        checkMatch(request.headers['if-match'], before);
        if (before === null && clients.isFull) throw new ProblemError('too-many-clients');
        const { username } = identityOf(request);
        const client = { ...request.body, clientId };
        const registered = await clients.put(client, username).catch(storeFails);
        if (before === null) void reply.header('location', `/v1/clients/${clientId}`);
        return answer(reply.code(before === null ? 201 : 200), registered);
      },
    );
  };

const readClients =
  ({ clients }: ClientParts): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/clients',
      {
        ...ADMINISTRATOR,
        schema: { tags, querystring: PageQuery, response: { 200: pageOf(ClientView) } },
      },
      async (request) => {
        const { limit, after } = request.query;
        const found = clients
          .list()
          .map(toView)
          .filter(({ clientId }) => after === undefined || clientId > after);
        return page(request, found, limit, ({ clientId }) => clientId);
      },
    );
    app.get(
      '/v1/clients/:clientId',
      { ...ADMINISTRATOR, schema: { tags, params: Params, response: { 200: ClientView } } },
      async (request, reply) => answer(reply, findClient(clients, request.params.clientId)),
    );
  };

function findClient(clients: ClientRegister, clientId: string): RegisteredClient {
  const found = clients.find(clientId);
  if (found === null) throw new ProblemError('unknown-client');
  return found;
}

/** Whoever says which one he means is not to change another. */
function checkMatch(header: string | undefined, found: RegisteredClient | null): void {
  if (header === undefined) return;
  const named = header.split(',').map((tag) => tag.trim());
  const matches = found !== null && (named.includes('*') || named.includes(tagOf(found)));
  if (!matches) throw new ProblemError('client-changed');
}

/** An order's version says who sent it: no machine may pass for a person. */
const nameTaken = (): ProblemError =>
  new ProblemError('invalid-input', [
    { path: ['clientId'], message: 'is the name of an account here: take another' },
  ]);

function storeFails(): never {
  throw new ProblemError('store-failing');
}

const toView = ({ client, atMs, by }: RegisteredClient): ApiClientView => ({
  ...client,
  at: toInstant(atMs),
  by,
});

const tagOf = (registered: RegisteredClient): string =>
  `"${createHash('sha256').update(JSON.stringify(registered)).digest('base64url').slice(0, 22)}"`;

const answer = (reply: FastifyReply, registered: RegisteredClient) =>
  reply.header('etag', tagOf(registered)).send(toView(registered));
