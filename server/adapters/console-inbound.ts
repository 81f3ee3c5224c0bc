import type { RawData } from 'ws';
import { ConsoleToServer } from '../../shared/console-message.ts';
import type { AlertAct } from '../../shared/alert-act.ts';
import { assertNever, ok, type Result } from '../../shared/result.ts';
import type { Desk, Log } from '../ports.ts';
import type { ConsolePositions, Viewer } from './console-positions.ts';
import { type InputFault, type ProblemCode, problem } from './http-problem.ts';
import { faultOf } from './logging.ts';

export type Resume = Extract<ConsoleToServer, { type: 'resume' }>;
export type Request = Exclude<ConsoleToServer, Resume>;

/** The only look at what a console sent; a message that can't be read costs nothing but itself. */
export function readMessage(
  data: RawData,
): Result<ConsoleToServer, { requestId: string | null; code: ProblemCode; faults: InputFault[] }> {
  let json: unknown;
  try {
    json = JSON.parse(String(data));
  } catch {
    return { ok: false, error: { requestId: null, code: 'malformed-json', faults: [] } };
  }
  const parsed = ConsoleToServer.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const given = (json as { requestId?: unknown } | null)?.requestId;
  const requestId = typeof given === 'string' ? given.slice(0, 64) : null;
  return { ok: false, error: { requestId, code: 'invalid-input', faults: parsed.error.issues } };
}

export interface RequestParts {
  readonly desk: Desk;
  readonly positions: ConsolePositions;
  readonly log: Log;
}

/**
 * Does what an operator asks; null when done, else why not. Never throws: the link must live on.
 */
export async function doRequest(
  { desk, positions, log }: RequestParts,
  viewer: Viewer,
  message: Request,
): Promise<ProblemCode | null> {
  try {
    const done = await decide(desk, positions, viewer, message);
    return done.ok ? null : done.error;
  } catch (error) {
    log.error({ type: message.type, fault: faultOf(error) }, 'a console request failed');
    return 'failed';
  }
}

function decide(
  desk: Desk,
  positions: ConsolePositions,
  viewer: Viewer,
  message: Request,
): Promise<Result<unknown, ProblemCode>> {
  switch (message.type) {
    case 'break-glass':
      return positions.breakGlass(viewer, message.alertId, message.reason);
    case 'acknowledge':
    case 'note':
    case 'dispatch':
    case 'close':
    case 'shelve': {
      const { requestId: _, alertId, ...act } = message;
      return desk.act(alertId, act satisfies AlertAct, viewer.username);
    }
    default:
      return assertNever(message);
  }
}

/** Answer to a request; `requestId` is null when the message was too broken to have one. */
export function resultText(
  requestId: string | null,
  code: ProblemCode | null,
  faults: readonly InputFault[] = [],
): string {
  const told = code === null ? null : problem(code, faults);
  return JSON.stringify({ type: 'result', requestId, ok: code === null, problem: told });
}
