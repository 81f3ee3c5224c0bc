import { setTimeout } from 'node:timers/promises';
import { jsonOf, NotLetInError, openTokens, requestToken, tokenIn } from './access-token.ts';
import { gateOf } from './gate.ts';
import { Problem } from '../../shared/problem.ts';
import type { Connection } from './settings.ts';
import { type Answer, type Asked, openWire, type Wire } from './wire.ts';

/** Nobody answered, though asked again and again: it says nothing about the order. */
export class UnreachableError extends Error {}

export interface Reply {
  readonly status: number;
  readonly headers: Answer['headers'];
  /** Null when it is no JSON. */
  readonly body: unknown;
  /** What the server refuses with. */
  readonly problem: Problem | null;
}

export interface Cordon {
  ask(method: string, path: string, wish?: Wish): Promise<Reply>;
  close(): void;
}

export interface Wish {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
}

export interface CordonOptions {
  readonly connectionsMax?: number;
  readonly nowMs?: () => number;
  readonly wait?: (ms: number) => Promise<unknown>;
  readonly wire?: Wire;
  /** Hears why it takes longer. */
  readonly told?: (what: string) => void;
}

/** Tries in a row without an answer: with the pauses between them somewhat over a minute. */
export const TRIES_MAX = 8;
/** A limit of requests can be met again and again in a long import. */
const WAITS_MAX = 1_000;
/** The server or what stands before it cannot just now. */
const PASSING = new Set([502, 503, 504]);

/**
 * Asks until there is an answer: waits as long as it is told to (429), tries again what fails for
 * now (503, no connection), with one pause for all that is under way. (SPEC OC2)
 */
export function openCordon(connection: Connection, options: CordonOptions = {}): Cordon {
  const { connectionsMax = 1, nowMs = Date.now, wait = setTimeout } = options;
  const wire = options.wire ?? openWire(connectionsMax, connection.tls);
  const gate = gateOf(nowMs, wait, options.told ?? (() => {}));

  /** As often as it takes; what comes back is an answer to the request itself. */
  const persist = async (make: () => Promise<Answer>): Promise<Answer> => {
    let [tries, waits] = [0, 0];
    for (;;) {
      await gate.pass();
      const answer = await make().catch((error: unknown) => unanswered(error));
      if (!(answer instanceof Error)) {
        if (answer.status === 429 && ++waits <= WAITS_MAX) {
          gate.closeAsTold(answer.headers['retry-after']);
          continue;
        }
        if (!PASSING.has(answer.status)) {
          gate.open();
          return answer;
        }
      }
      const why = answer instanceof Error ? answer.message : whyOf(answer);
      if (++tries >= TRIES_MAX) throw new UnreachableError(`${connection.url}: ${why}`);
      gate.closeAfterFailure(tries, why);
    }
  };

  const tokens = openTokens(
    connection.identity,
    async (client) => tokenIn(await persist(() => requestToken(wire, client, nowMs()))),
    nowMs,
  );

  /** A token can be taken back before its end: once another is asked for. */
  const send = async (asked: Asked): Promise<Answer> => {
    for (let renewed = false; ; renewed = true) {
      const token = await tokens.bearer();
      const headers = { ...asked.headers, authorization: `Bearer ${token}` };
      const answer = await persist(() => wire.send({ ...asked, headers }));
      if (answer.status !== 401) return answer;
      if (renewed || !tokens.renew(token)) throw new NotLetInError(whyOf(answer));
    }
  };

  return {
    async ask(method, path, { headers = {}, body } = {}) {
      const url = connection.url + path;
      const accept = { accept: 'application/json, application/problem+json' };
      const answer = await send({ method, url, headers: { ...accept, ...headers }, body });
      return { ...answer, body: jsonOf(answer.text), problem: problemIn(answer) };
    },
    close: () => wire.close(),
  };
}

/** Whatever a socket fails with; what the token endpoint says is no failure of a socket. */
function unanswered(error: unknown): Error {
  if (error instanceof NotLetInError || error instanceof UnreachableError) throw error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new Error(code ?? message);
}

function problemIn({ status, text }: Answer): Problem | null {
  if (status < 400) return null;
  const parsed = Problem.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const detail = 'The answer is no problem+json: something else than Cordon may have answered.';
  return { type: 'about:blank', title: `Status ${status}`, status, detail, code: 'unknown' };
}

function whyOf(answer: Answer): string {
  const { status, title, detail } = problemIn(answer)!;
  return `${status} ${title}: ${detail}`;
}
