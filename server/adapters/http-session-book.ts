import type { Role } from '../../shared/session.ts';
import type { Clock, Log, Store, StoredAccount, StoredSession } from '../ports.ts';
import { faultOf } from './logging.ts';
import { hashToken, isPassword, newToken } from './passwords.ts';

/** One shift with its handover. */
export const SESSION_LIFE_MS = 12 * 3_600_000;
/** Per account: above it the oldest ends, so that signing in can never fill the memory. */
export const SESSIONS_PER_ACCOUNT_MAX = 500;

/** Who asks. */
export interface Identity {
  readonly username: string;
  readonly role: Role;
  /** Null for machines, which show their token with each request. */
  readonly session: StoredSession | null;
}

export interface SessionBook {
  /** The account when name and password fit; null, as slowly, when they don't. */
  checkPassword(username: string, password: string): Promise<StoredAccount | null>;
  open(account: StoredAccount): Promise<{ token: string; session: StoredSession }>;
  bySessionToken(token: string): Identity | null;
  byBearerToken(token: string): Identity | null;
  /** Ends here at once and tells listeners; false when the end could not be written. */
  end(session: StoredSession): Promise<boolean>;
  isLive(session: StoredSession): boolean;
  onEnd(listener: (tokenHash: string) => void): void;
}

/** Accounts and live sessions, read from the store once: no request waits for the disk to be let in. */
export async function openSessionBook(store: Store, clock: Clock, log: Log): Promise<SessionBook> {
  const accounts = new Map((await store.accounts()).map((account) => [account.username, account]));
  const machines = new Map(
    [...accounts.values()].filter(({ role }) => role === 'cjib').map((a) => [a.secretHash, a]),
  );
  const sessions = new Map<string, StoredSession>();
  for (const session of await store.sessions(clock.nowMs())) {
    // A role that changed since, or an account that is gone, ends the session.
    if (accounts.get(session.username)?.role !== session.role) continue;
    sessions.set(session.tokenHash, session);
  }
  const listeners: ((tokenHash: string) => void)[] = [];

  function drop(tokenHash: string): void {
    if (sessions.delete(tokenHash)) for (const listener of listeners) listener(tokenHash);
  }

  function makeRoomFor(username: string): void {
    const nowMs = clock.nowMs();
    for (const { tokenHash, expiresAtMs } of sessions.values()) {
      if (expiresAtMs <= nowMs) drop(tokenHash);
    }
    const own = [...sessions.values()].filter((session) => session.username === username);
    if (own.length >= SESSIONS_PER_ACCOUNT_MAX) drop(own[0]!.tokenHash);
  }

  async function written(entry: Parameters<Store['append']>[0][number]): Promise<boolean> {
    try {
      await store.append([entry]);
      return true;
    } catch (error) {
      log.error({ entry: entry.type, fault: faultOf(error) }, 'a session could not be written');
      return false;
    }
  }

  return {
    async checkPassword(username, password) {
      const account = accounts.get(username) ?? null;
      const right = await isPassword(password, account?.secretHash ?? null);
      return right ? account : null;
    },

    async open({ username, role }) {
      makeRoomFor(username);
      const token = newToken();
      const createdAtMs = clock.nowMs();
      const session = {
        tokenHash: hashToken(token),
        username,
        role,
        createdAtMs,
        expiresAtMs: createdAtMs + SESSION_LIFE_MS,
      };
      sessions.set(session.tokenHash, session);
      // A failing disk must not keep an operator from the alerts: then the session just ends with us.
      await written({ type: 'session', ...session });
      return { token, session };
    },

    bySessionToken(token) {
      const session = sessions.get(hashToken(token));
      if (!session || session.expiresAtMs <= clock.nowMs()) return null;
      return { username: session.username, role: session.role, session };
    },

    byBearerToken(token) {
      const account = machines.get(hashToken(token));
      return account ? { username: account.username, role: account.role, session: null } : null;
    },

    async end({ tokenHash }) {
      drop(tokenHash);
      return written({ type: 'session-ended', tokenHash });
    },

    isLive: ({ tokenHash, expiresAtMs }) => sessions.has(tokenHash) && expiresAtMs > clock.nowMs(),

    onEnd(listener) {
      listeners.push(listener);
    },
  };
}
