import { sign } from 'node:crypto';
import { lookup as lookUp, type LookupAddress, type LookupOptions } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Courier, Delivered } from '../service/feedback-line.ts';
import type { TokenKey } from './signing-key.ts';

/** A receiver that needs longer should take it in first and work on it later: 202 is enough. */
export const ANSWER_WITHIN_MS = 10_000;
const MEDIA_TYPE = 'application/cloudevents+json; charset=utf-8';
export const SIGNATURE_HEADER = 'x-jws-signature';

/** Ed25519; which key it is can be looked up by its id in `GET /v1/jwks.json`. */
export type EventSigner = Pick<TokenKey, 'kid' | 'privateKey'>;

/**
 * Where no receiver can be: what is addressed to this network, this link, to many or to nobody.
 * There, a cloud keeps its machines' secrets. Private networks are allowed, for governments have
 * theirs. (SPEC FB7)
 */
const NEVER = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  NEVER.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 128],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['ff00::', 8],
] as const) {
  NEVER.addSubnet(net, prefix, 'ipv6');
}
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** May an event go there? Without encryption it may not leave this machine. */
export function mayGoTo(address: string, protocol: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (NEVER.check(address, family)) return false;
  return protocol === 'https:' || LOOPBACK.check(address, family);
}

class ForbiddenAddress extends Error {
  readonly code = 'address not allowed';
}

/**
 * Looks a name up and gives the addresses that are allowed: the check is of what the connection
 * will use, for a name may mean another address each time it is asked.
 */
const allowedLookup =
  (protocol: string): LookupFunction =>
  (hostname, options: LookupOptions, answer) => {
    lookUp(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return answer(error, '', 4);
      const allowed = found.filter(({ address }) => mayGoTo(address, protocol));
      const [first] = allowed;
      if (!first) return answer(new ForbiddenAddress(), '', 4);
      return options.all ? answer(null, allowed) : answer(null, first.address, first.family);
    });
  };

/**
 * Detached signature (RFC 7515 Appendix F) over the body as it is (RFC 7797), so that whoever
 * checks it need not know how we write JSON. (SPEC FB5)
 */
export function detachedJws(body: string, { kid, privateKey }: EventSigner): string {
  const header = { alg: 'EdDSA', kid, b64: false, crit: ['b64'] };
  const encoded = Buffer.from(JSON.stringify(header)).toString('base64url');
  const signature = sign(null, Buffer.from(`${encoded}.${body}`), privateKey);
  return `${encoded}..${signature.toString('base64url')}`;
}

/** Brings events as CloudEvents in structured mode, one POST each, and follows nobody elsewhere. */
export const webhookSender = (signer: EventSigner, answerWithinMs = ANSWER_WITHIN_MS): Courier => ({
  async bring(sink, event, signal) {
    const url = new URL(sink);
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    // Of an address there is nothing to look up.
    if (isIP(literal) && !mayGoTo(literal, url.protocol)) {
      return failed(new ForbiddenAddress().code);
    }
    const body = JSON.stringify(event);
    const limit = AbortSignal.timeout(answerWithinMs);
    try {
      return outcomeOf(await post(url, body, signer, AbortSignal.any([signal, limit])));
    } catch (error) {
      const seconds = answerWithinMs / 1_000;
      return failed(limit.aborted ? `no answer in ${seconds} s` : whyOf(error));
    }
  },
});

const failed = (why: string, waitMs = 0): Delivered => ({ got: 'failed', why, waitMs });

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

function outcomeOf({ status, retryAfter = '' }: Answer): Delivered {
  if (status >= 200 && status < 300) return { got: 'taken' };
  if (status === 410) return { got: 'gone' };
  const waitS = /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : 0;
  return failed(`HTTP ${status}`, waitS * 1_000);
}

/** The head of the answer; of what comes after it nothing is read. */
function post(url: URL, body: string, signer: EventSigner, signal: AbortSignal): Promise<Answer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        method: 'POST',
        agent: false,
        lookup: allowedLookup(url.protocol),
        signal,
        headers: {
          'content-type': MEDIA_TYPE,
          'content-length': Buffer.byteLength(body),
          [SIGNATURE_HEADER]: detachedJws(body, signer),
        },
      },
      (answer: IncomingMessage) => {
        const { statusCode: status = 0, headers } = answer;
        resolve({ status, retryAfter: headers['retry-after'] });
        answer.on('error', () => {});
        answer.destroy();
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** As `ECONNREFUSED`; a message may hold the address, with what its owner put into it. */
function whyOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'no connection';
}
