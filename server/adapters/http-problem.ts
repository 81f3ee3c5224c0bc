import { type Problem, pointerOf } from '../../shared/problem.ts';
import type { Refusal } from '../ports.ts';
import type { FeedbackRefusal } from '../service/feedback-desk.ts';

/** Why a request is refused at the edge, before the desk is asked. */
export type EdgeRefusal =
  | 'invalid-input'
  | 'malformed-json'
  | 'not-signed-in'
  | 'wrong-credentials'
  | 'not-allowed'
  | 'foreign-origin'
  | 'not-found'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'too-large'
  | 'unsupported-media-type'
  | 'upgrade-required'
  | 'too-many-requests'
  | 'too-many-consoles'
  | 'too-many-looks'
  | 'not-in-scope'
  | 'unknown-client'
  | 'client-changed'
  | 'too-many-clients'
  | 'invalid-signature'
  | 'signature-required'
  | 'too-many-previews'
  | 'preview-took-too-long'
  | 'failed';
export type ProblemCode = Refusal | Exclude<FeedbackRefusal, 'cursor-ahead'> | EdgeRefusal;

type Row = readonly [status: number, title: string, detail: string];

/** Every way to say no, over HTTP and over the WebSocket alike. */
const PROBLEMS: Record<ProblemCode, Row> = {
  'unknown-order': [404, 'Unknown order', 'There is no order with this id.'],
  'unknown-alert': [404, 'Unknown alert', 'There is no alert with this id.'],
  'unknown-device': [404, 'Unknown device', 'There is no device with this id.'],
  'unknown-person': [404, 'Unknown person', 'No device is registered for this person.'],
  'unknown-subscription': [
    404,
    'Unknown subscription',
    'You have no subscription with this id: put it to begin one.',
  ],
  'too-many-subscriptions': [
    409,
    'Too many subscriptions',
    'Delete one that is no longer needed, or change the sink of one you have.',
  ],
  'version-mismatch': [
    412,
    'The order has changed',
    'If-Match does not name the current version: get the order and look again.',
  ],
  'version-required': [
    428,
    'If-Match is required',
    'Changing an order needs If-Match with the ETag of the version that you have seen.',
  ],
  'order-withdrawn': [409, 'The order is withdrawn', 'A withdrawn order takes no more changes.'],
  'order-expired': [
    409,
    'The order is over',
    'Its last day has passed, so it takes no more changes: send a new order.',
  ],
  'order-not-suspended': [409, 'The order is not suspended', 'There is nothing to resume.'],
  'order-not-in-force': [
    409,
    'The order is not in force',
    'Nothing of it has been approved, so there is nothing to suspend or to draw in.',
  ],
  'nothing-proposed': [409, 'Nothing awaits approval', 'There is nothing to reject.'],
  'proposal-waits': [
    409,
    'Another change awaits approval',
    'Have it approved, or take it back with POST …/rejections, and try again.',
  ],
  'unknown-ban': [404, 'Unknown ban', 'The newest version of the order has no ban with this id.'],
  'ban-without-zone': [
    409,
    'A contact ban has no zone',
    'Zones are those of location bans and location duties.',
  ],
  'already-approved': [409, 'The order is already approved', 'This version needs no approval.'],
  'same-person': [
    403,
    'A second person is needed',
    'Whoever sent this version of the order may not approve it.',
  ],
  'alert-closed': [409, 'The alert is closed', 'A closed alert takes no more acts.'],
  'priority-1-not-shelvable': [
    409,
    'Priority 1 cannot be shelved',
    'An alert of priority 1 stays until a person closes it with a finding.',
  ],
  'store-failing': [
    503,
    'Storage is failing',
    'This could not be written durably, so it was not done. Watching and warning go on.',
  ],
  'invalid-input': [400, 'Invalid input', 'See "errors" for everything that is wrong.'],
  'malformed-json': [400, 'Malformed JSON', 'The body is not one valid JSON value in UTF-8.'],
  'not-signed-in': [401, 'Not signed in', 'Sign in with POST /v1/sessions or send a bearer token.'],
  'wrong-credentials': [401, 'Sign-in failed', 'User name or password is wrong.'],
  'not-allowed': [403, 'Not allowed', 'Your role does not allow this.'],
  'foreign-origin': [403, 'Foreign origin', 'Requests from pages of another site are refused.'],
  'not-found': [404, 'Not found', 'There is nothing at this address.'],
  'method-not-allowed': [405, 'Method not allowed', 'See the Allow header for what works here.'],
  'not-acceptable': [406, 'Not acceptable', 'The answer is JSON: accept application/json.'],
  'too-large': [413, 'Too large', 'The body is larger than this address takes.'],
  'unsupported-media-type': [415, 'Unsupported media type', 'Send application/json.'],
  'upgrade-required': [426, 'Upgrade required', 'Open this address as a WebSocket.'],
  'too-many-requests': [429, 'Too many requests', 'Wait, then try again: see Retry-After.'],
  'too-many-consoles': [503, 'Too many consoles', 'No more consoles can be connected.'],
  'too-many-looks': [
    429,
    'Too many cases opened',
    'You have broken the glass of as many cases at once as one person may.',
  ],
  'not-in-scope': [403, 'Not in scope', 'Your token lacks a scope: see "errors" for which.'],
  'unknown-client': [404, 'Unknown client', 'There is no client with this id.'],
  'client-changed': [
    412,
    'The client has changed',
    'If-Match does not name what is registered now: get the client and look again.',
  ],
  'too-many-clients': [409, 'Too many clients', 'Delete a client that is no longer used.'],
  'invalid-signature': [400, 'Invalid signature', 'See "errors" for what is wrong with the JWS.'],
  'signature-required': [
    415,
    'A signature is required',
    'Send the order as application/jose: a compact JWS by a registered key of this client.',
  ],
  'too-many-previews': [
    503,
    'Too many previews',
    'Several previews are being worked out already: wait, then ask again.',
  ],
  'preview-took-too-long': [
    503,
    'The preview took too long',
    'Not even the zones could be compared in 30 s: draw them with fewer points, then ask again.',
  ],
  failed: [500, 'Failed', 'Something went wrong on our side. It has been recorded.'],
};

/** One wrong part of a request, before its place is written as a JSON pointer. */
export interface InputFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** More say nothing new, and a polygon in the wrong coordinates has one for each number. */
export const ERRORS_TOLD_MAX = 200;

export function problem(code: ProblemCode, faults: readonly InputFault[] = []): Problem {
  const [status, title, detail] = PROBLEMS[code];
  const told = { type: `urn:cordon:problem:${code}`, title, status, detail, code };
  if (faults.length === 0) return told;
  // Where some are left out, the faults of whole fields go before those of their single numbers.
  const broadFirst = faults.toSorted((a, b) => a.path.length - b.path.length);
  const chosen = faults.length > ERRORS_TOLD_MAX ? broadFirst : faults;
  const errors = chosen.slice(0, ERRORS_TOLD_MAX).map(({ path, message }) => ({
    pointer: pointerOf(path),
    detail: message,
  }));
  const left = faults.length - errors.length;
  if (left > 0) errors.push({ pointer: '', detail: `and ${left} more` });
  return { ...told, errors };
}

/** Ends a request from anywhere inside it; the app's error handler answers with the problem. */
export class ProblemError extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    faults: readonly InputFault[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(code);
    this.problem = problem(code, faults);
    this.headers = headers;
  }
}
