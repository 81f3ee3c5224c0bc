import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { ApiClient, PublicJwk } from '../../shared/api-client.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import type { Clock } from '../ports.ts';
import { type ClientRegister, keyNamed } from '../service/client-register.ts';
import { algorithmsOf, CLIENT_ALGORITHMS, joseKey } from './client-keys.ts';

/** How a client proves who it is: a JWT by one of its keys, used once. (RFC 7523 §3) */

/** Clocks that are set by the network differ by less. */
const LEEWAY_S = 30;
/** One that is good for longer is good for whoever finds it. */
export const ASSERTION_LIFE_S_MAX = 300;
/** 128 bits in base64url; what is too long fills the memory. */
const JTI_LENGTH_MIN = 22;
const JTI_LENGTH_MAX = 200;
/** Remembered at once, of all clients: the pace of each keeps far below. */
const JTIS_MAX = 500_000;

export interface Proven {
  readonly client: ApiClient;
  readonly key: PublicJwk;
}

export interface AssertionParts {
  readonly clients: ClientRegister;
  readonly clock: Clock;
  /** What an assertion may be meant for. */
  audiences(): readonly string[];
}

/** Says whom an assertion proves, or why it proves nobody, for its sender to read. */
export type ProveClient = (assertion: string) => Promise<Result<Proven, string>>;

/** Who sent it says so himself: for counting tries, never for letting in. */
export function claimedClient(assertion: string): string {
  try {
    return String(decodeJwt(assertion).sub);
  } catch {
    return '';
  }
}

/** (SPEC CI3) */
export function clientProver({ clients, clock, audiences }: AssertionParts): ProveClient {
  const used = usedOnce();
  const startedAtS = Math.floor(clock.nowMs() / 1_000);
  return async (assertion) => {
    const found = keyFor(assertion, clients);
    if (!found.ok) return found;
    const { client, key } = found.value;
    const nowMs = clock.nowMs();
    const verified = await verify(assertion, key, client, audiences(), nowMs);
    if (!verified.ok) return verified;
    const fault = claimFault(verified.value, audiences(), nowMs / 1_000, startedAtS);
    if (fault !== null) return refused(fault);
    const { jti, exp } = verified.value;
    const untilMs = (exp! + LEEWAY_S) * 1_000;
    const isNew = used.add(JSON.stringify([client.clientId, jti]), untilMs, nowMs);
    return isNew ? ok({ client, key }) : refused('jti was used before: make each assertion anew');
  };
}

function keyFor(assertion: string, clients: ClientRegister): Result<Proven, string> {
  let kid: unknown;
  try {
    ({ kid } = decodeProtectedHeader(assertion));
  } catch {
    return refused('client_assertion is no signed JWT');
  }
  const client = clients.find(claimedClient(assertion))?.client;
  if (!client) return refused('sub names no registered client');
  const key = typeof kid === 'string' ? keyNamed(client, kid) : null;
  if (key === null) return refused('kid names no key that is registered for this client');
  return ok({ client, key });
}

async function verify(
  assertion: string,
  key: PublicJwk,
  { clientId }: ApiClient,
  audiences: readonly string[],
  nowMs: number,
): Promise<Result<JWTPayload, string>> {
  try {
    const { payload } = await jwtVerify(assertion, joseKey(key), {
      algorithms: CLIENT_ALGORITHMS.filter((alg) => algorithmsOf(key).includes(alg)),
      issuer: clientId,
      subject: clientId,
      audience: [...audiences],
      clockTolerance: LEEWAY_S,
      currentDate: new Date(nowMs),
      requiredClaims: ['exp', 'iat', 'jti'],
    });
    return ok(payload);
  } catch (error) {
    return refused(why(error, audiences));
  }
}

function why(error: unknown, audiences: readonly string[]): string {
  if (error instanceof errors.JWTExpired) return 'exp has passed: make each assertion anew';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return `aud must be ${audiences.join(' or ')}`;
    if (error.reason === 'missing') return `${error.claim} is missing`;
    if (error.claim === 'iss') return 'iss must be the client, as sub is';
    return `${error.claim} is not as it must be`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return 'alg is none that goes with the registered key';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return 'the signature is not by the registered key';
  }
  return 'client_assertion cannot be verified';
}

/** What the library leaves to its caller. */
function claimFault(
  { aud, exp, iat, jti }: JWTPayload,
  audiences: readonly string[],
  nowS: number,
  startedAtS: number,
): string | null {
  // With a second audience that one could pass the assertion on as its own.
  if (Array.isArray(aud) && aud.length !== 1) return `aud must be ${audiences.join(' or ')} alone`;
  if (exp! > nowS + ASSERTION_LIFE_S_MAX + LEEWAY_S) {
    return `exp is more than ${ASSERTION_LIFE_S_MAX} s ahead`;
  }
  if (iat! > nowS + LEEWAY_S) return 'iat is in the future: set the clock';
  // What was used before a start is not remembered after it.
  if (iat! < startedAtS) return 'iat is before this server started: make each assertion anew';
  const isLong = typeof jti === 'string' && jti.length >= JTI_LENGTH_MIN;
  if (!isLong || jti.length > JTI_LENGTH_MAX) {
    return `jti must be text of ${JTI_LENGTH_MIN} to ${JTI_LENGTH_MAX} characters`;
  }
  return null;
}

/** Remembers what was used until it is of no use any more. */
function usedOnce() {
  const untilMsOf = new Map<string, number>();
  return {
    /** False for one that was used, and for all while there is no room: none may slip by. */
    add(name: string, untilMs: number, nowMs: number): boolean {
      for (const [old, oldUntilMs] of untilMsOf) {
        if (oldUntilMs > nowMs) break;
        untilMsOf.delete(old);
      }
      if (untilMsOf.has(name) || untilMsOf.size >= JTIS_MAX) return false;
      untilMsOf.set(name, untilMs);
      return true;
    },
  };
}
