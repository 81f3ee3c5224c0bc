import { spawn } from 'node:child_process';
import type { AlarmMessage } from './alarm-message.ts';

/** A gateway that has not answered by then is tried again. */
const WEBHOOK_WITHIN_MS = 10_000;
/** A modem may take its time to dial; longer than this it hangs. */
const COMMAND_WITHIN_MS = 60_000;

/** A POST of JSON; anything but success is a failure to be tried again. */
export const webhook =
  (url: string) =>
  async (message: AlarmMessage): Promise<void> => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(WEBHOOK_WITHIN_MS),
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
  };

/** A program without a shell between, so that nothing in a message can be taken for a command. */
export const command =
  (path: string) =>
  (message: AlarmMessage): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = spawn(path, [], {
        env: { ...process.env, ...factsOf(message) },
        stdio: ['ignore', 'ignore', 'inherit'],
        timeout: COMMAND_WITHIN_MS,
        killSignal: 'SIGKILL',
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`ended with ${signal ?? code}`));
      });
    });

const factsOf = (message: AlarmMessage): Record<string, string> => ({
  CORDON_WATCHDOG_TYPE: message.type,
  CORDON_WATCHDOG_SERVER: message.serverId,
  CORDON_WATCHDOG_REASONS: message.reasons.join(' '),
  CORDON_WATCHDOG_SINCE: message.since,
  CORDON_WATCHDOG_AT: message.at,
  CORDON_WATCHDOG_TEXT: message.text,
});
