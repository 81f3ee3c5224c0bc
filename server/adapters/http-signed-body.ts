import type { FastifyInstance, FastifyRequest } from 'fastify';
import { compactVerify, decodeProtectedHeader, errors } from 'jose';
import type { ApiClient } from '../../shared/api-client.ts';
import { keyNamed } from '../service/client-register.ts';
import { algorithmsOf, CLIENT_ALGORITHMS, joseKey } from './client-keys.ts';
import { identityOf } from './http-auth.ts';
import { problemOfText } from './http-errors.ts';
import { type InputFault, ProblemError } from './http-problem.ts';

/** Orders as a JWS by a key of the client that sends them: proof for later of who sent what. */
export interface SignedBodies {
  /** Refuses an order that is not signed where it must be, or was signed for another address. */
  check(request: FastifyRequest): void;
  /** The compact JWS as it came; null for a body that is not signed. */
  signatureOf(request: FastifyRequest): string | null;
}

/** Lets the routes of this plugin take `application/jose`. (RFC 7515; SPEC CI8) */
export function signedBodies(app: FastifyInstance, required: boolean): SignedBodies {
  const signatures = new WeakMap<FastifyRequest, string>();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  const take = async (request: FastifyRequest, body: string): Promise<unknown> => {
    const jws = body.trim();
    const { machine } = identityOf(request);
    const payload = await payloadOf(jws, machine?.client ?? null);
    signatures.set(request, jws);
    const damage = problemOfText(payload);
    if (damage) throw damage;
    return new Promise((resolve, reject) => {
      parseJson(request, payload, (error, value) => (error ? reject(error) : resolve(value)));
    });
  };
  app.addContentTypeParser('application/jose', { parseAs: 'string' }, take);
  return {
    signatureOf: (request) => signatures.get(request) ?? null,
    check(request) {
      if (signatures.has(request)) return checkPlace(request);
      const must = required || identityOf(request).machine?.client?.signedOrders;
      if (must) throw new ProblemError('signature-required');
    },
  };
}

/** Else who holds a token could put what was signed for one order in the place of another. */
function checkPlace({ body, params }: FastifyRequest): void {
  const { orderId } = params as { orderId: string };
  if ((body as { orderId?: unknown } | null)?.orderId === orderId) return;
  const message = 'a signed order names itself: give the same orderId as in the address';
  throw new ProblemError('invalid-signature', [{ path: ['orderId'], message }]);
}

async function payloadOf(jws: string, client: ApiClient | null): Promise<string> {
  if (client === null) {
    throw invalid('this account has no keys: ask for a token as a registered client');
  }
  const kid = kidOf(jws);
  const key = keyNamed(client, kid);
  if (key === null) {
    throw invalid(`kid "${kid}" names no key of client ${client.clientId}: register it`);
  }
  const allowed = CLIENT_ALGORITHMS.filter((alg) => algorithmsOf(key).includes(alg));
  try {
    const { payload } = await compactVerify(jws, joseKey(key), { algorithms: allowed });
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch (error) {
    throw invalid(why(error, allowed));
  }
}

function kidOf(jws: string): string {
  let kid: unknown;
  let crit: unknown;
  try {
    ({ kid, crit } = decodeProtectedHeader(jws));
  } catch {
    throw invalid('the body is no compact JWS: send header.payload.signature in base64url');
  }
  // Whoever checks the evidence later must need nothing but the JWS itself.
  if (crit !== undefined) throw invalid('crit names what is not known here: leave it out');
  if (typeof kid === 'string') return kid.slice(0, 100);
  throw invalid('the protected header lacks kid: name the registered key that signed');
}

function why(error: unknown, allowed: readonly string[]): string {
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return `alg must be ${allowed.join(' or ')} for this key`;
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return 'the signature is not by the key that kid names, or the text was changed: sign it again';
  }
  if (error instanceof TypeError) return 'the payload is not UTF-8: sign the JSON of the order';
  return 'the body is no compact JWS that can be verified: send header.payload.signature';
}

const invalid = (message: string): ProblemError => {
  const fault: InputFault = { path: [], message };
  return new ProblemError('invalid-signature', [fault]);
};
