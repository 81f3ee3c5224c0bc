import type { Alert } from '../shared/alert.ts';
import type { Frames } from './frames.ts';
import type { ConsoleMessage } from './model.ts';

/**
 * Holds alerts back until the next frame and then hands on all at once: what a flood costs the page
 * grows with its frames and not with its alerts. All else passes at once, behind the alerts that
 * came before it.
 */
export function burst(
  dispatch: (message: ConsoleMessage) => void,
  frames: Frames,
): (message: ConsoleMessage) => void {
  let alerts: Alert[] = [];
  let atMs = 0;
  const flush = (): void => {
    if (alerts.length === 0) return;
    const gathered = alerts;
    alerts = [];
    dispatch({ type: 'alerts', atMs, alerts: gathered });
  };
  return (message) => {
    if (message.type !== 'alerts') {
      flush();
      dispatch(message);
      return;
    }
    if (alerts.length === 0) frames.next(flush);
    alerts.push(...message.alerts);
    atMs = message.atMs;
  };
}
