import { AlertEvent } from '../shared/alert.ts';
import { Session } from '../shared/session.ts';
import { z } from 'zod';
import type { History } from './model.ts';

export type SignIn =
  { ok: true; session: Session } | { ok: false; why: 'wrong' | 'too-many' | 'unreachable' };

/** Pages of one history: more would be a fault, not an incident. */
const HISTORY_PAGES_MAX = 10;
const EventsPage = z.object({ items: z.array(z.unknown()), next: z.string().nullable() });

export async function signIn(username: string, password: string): Promise<SignIn> {
  try {
    const answer = await fetch('/v1/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    if (answer.status === 429) return { ok: false, why: 'too-many' };
    if (answer.status >= 500) return { ok: false, why: 'unreachable' };
    if (!answer.ok) return { ok: false, why: 'wrong' };
    return { ok: true, session: Session.parse(await answer.json()) };
  } catch {
    return { ok: false, why: 'unreachable' };
  }
}

export type CurrentSession =
  { state: 'signed-in'; session: Session } | { state: 'signed-out' } | { state: 'unreachable' };

export async function currentSession(): Promise<CurrentSession> {
  try {
    const answer = await fetch('/v1/sessions/current');
    if (answer.status === 401 || answer.status === 403) return { state: 'signed-out' };
    if (!answer.ok) return { state: 'unreachable' };
    return { state: 'signed-in', session: Session.parse(await answer.json()) };
  } catch {
    return { state: 'unreachable' };
  }
}

export async function signOut(): Promise<void> {
  await fetch('/v1/sessions/current', { method: 'DELETE' }).catch(() => undefined);
}

/** Every entry that can be read, over all pages; an unreadable one makes it incomplete. */
export async function alertHistory(alertId: string): Promise<History> {
  const events: AlertEvent[] = [];
  let complete = true;
  let next: string | null = `/v1/alerts/${encodeURIComponent(alertId)}/events`;
  try {
    for (let page = 0; next !== null; page++) {
      if (page === HISTORY_PAGES_MAX) return { state: 'loaded', events, complete: false };
      const answer: Response = await fetch(next);
      if (!answer.ok) return { state: 'failed' };
      const { items, next: following } = EventsPage.parse(await answer.json());
      for (const item of items) {
        const event = AlertEvent.safeParse(item);
        if (event.success) events.push(event.data);
        else complete = false;
      }
      next = following;
    }
  } catch {
    return { state: 'failed' };
  }
  return { state: 'loaded', events, complete };
}
