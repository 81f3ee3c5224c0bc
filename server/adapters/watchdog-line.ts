import { toInstant } from '../../shared/instant.ts';
import type { Json } from '../../shared/canonical-json.ts';
import { signedText, WatchdogAnswer } from '../../shared/watchdog-message.ts';
import type { Signer } from '../evidence/checkpoint.ts';

/** Less than the time to the next tell: a watchdog that hangs must not hold up the next try. */
export const ANSWER_WITHIN_MS = 4_000;
/** The second is with the nonce that the first was refused for. */
const TRIES = 2;

export interface WatchdogLineParts {
  readonly url: string;
  readonly serverId: string;
  readonly key: Signer;
  readonly nowMs: () => number;
}

export interface WatchdogLine {
  /** Resolves when it counted; rejects with why it did not. */
  tell(path: 'well' | 'stalled', facts: Readonly<Record<string, Json>>): Promise<void>;
}

/** Signed messages to the watchdog, each over the nonce of its previous answer. */
export function watchdogLine({ url, serverId, key, nowMs }: WatchdogLineParts): WatchdogLine {
  const base = url.endsWith('/') ? url : `${url}/`;
  let nonce = '';
  const post = async (path: string, facts: Readonly<Record<string, Json>>): Promise<Response> => {
    const at = toInstant(nowMs());
    const message = { ...facts, serverId, nonce, at, publicKey: key.publicKeyPem };
    return fetch(new URL(path, base), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...message, signature: key.sign(signedText(message)) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  };
  return {
    async tell(path, facts) {
      let why = '';
      for (let tries = 0; tries < TRIES; tries += 1) {
        const response = await post(path, facts);
        const answer = WatchdogAnswer.safeParse(await response.json().catch(() => null));
        nonce = answer.data?.nonce ?? '';
        if (response.ok) return;
        why = `${response.status} ${answer.data?.refused ?? ''}`.trim();
        if (answer.data?.refused !== 'nonce') break;
      }
      throw new Error(`the watchdog refused it: ${why}`);
    },
  };
}
