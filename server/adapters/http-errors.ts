import type { FastifyError, FastifyInstance, FastifyReply, FastifyServerOptions } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { keyFaults } from '../../shared/json-keys.ts';
import type { Problem } from '../../shared/problem.ts';
import type { Log } from '../ports.ts';
import { type ProblemCode, problem, ProblemError } from './http-problem.ts';
import { faultOf } from './logging.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** What fastify refuses by itself. */
const FASTIFY_CODES: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed-json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_BAD_URL: 'not-found',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
};

/** For what fails before there is a request to answer. */
export const rawProblems: Pick<FastifyServerOptions, 'frameworkErrors' | 'clientErrorHandler'> = {
  frameworkErrors: (error, _request, reply) => {
    void sendProblem(reply, problem(FASTIFY_CODES[error.code] ?? 'not-found'));
  },
  clientErrorHandler: (_error, socket) => endSocket(socket, problem('malformed-json')),
};

export function sendProblem(reply: FastifyReply, told: Problem): FastifyReply {
  return reply.code(told.status).type(PROBLEM_TYPE).send(JSON.stringify(told));
}

/** The same answer on a bare socket, as before an upgrade to a WebSocket. */
export function endSocket(socket: Duplex, told: Problem): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(told);
  const head = [
    `HTTP/1.1 ${told.status} ${STATUS_CODES[told.status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** What a parser of JSON would let pass in silence. */
export function problemOfText(text: string): ProblemError | null {
  const faults = keyFaults(text);
  if (faults.length > 0) return new ProblemError('invalid-input', faults);
  // Bytes that are no UTF-8 have become this: a text that was damaged on its way.
  return text.includes('\uFFFD') ? new ProblemError('malformed-json') : null;
}

/** Every refusal is a problem (RFC 9457), and none tells how we are built. */
export function answerProblems(app: FastifyInstance, log: Log): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Some clients name a type for a body that is not there; whether it may be absent is the
    // route's say.
    if (body.length === 0) return done(null, undefined);
    const text = String(body);
    const damage = problemOfText(text);
    return damage ? done(damage) : parseJson(request, text, done);
  });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof ProblemError) {
      return sendProblem(reply.headers(error.headers), error.problem);
    }
    const code = codeOf(error);
    if (code === 'failed') {
      const where = { method: request.method, route: request.routeOptions.url };
      log.error({ ...where, fault: faultOf(error) }, 'a request failed');
    }
    return sendProblem(reply, problem(code));
  });

  const routes: { method: string; pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    if (url.includes('*')) return;
    const pattern = new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`);
    for (const each of [method].flat()) routes.push({ method: each, pattern });
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const methods = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (methods.length === 0) return sendProblem(reply, problem('not-found'));
    return sendProblem(reply.header('allow', methods.join(', ')), problem('method-not-allowed'));
  });
}

function codeOf(error: FastifyError): ProblemCode {
  if (error instanceof SyntaxError && error.statusCode === 400) return 'malformed-json';
  // The file server's way to say that a path leads out of its folder.
  if (error.statusCode === 403 || error.statusCode === 404) return 'not-found';
  return FASTIFY_CODES[error.code] ?? 'failed';
}
