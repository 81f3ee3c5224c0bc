import { type ApiClient, RATE_LIMIT_DEFAULT, Scope } from '../../shared/api-client.ts';
import type { Role } from '../../shared/session.ts';
import type { StoredAccount, StoredSession } from '../kept.ts';
import type { Clock, Entry, Log, Store } from '../ports.ts';
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
  /** Null for people, whose role alone says what they may. */
  readonly machine: Machine | null;
}

export interface Machine {
  readonly scopes: readonly Scope[];
  /** Requests a minute. */
  readonly rateLimit: number;
  /** Null for one that has a fixed token and no keys. */
  readonly client: ApiClient | null;
}

const WITH_FIXED_TOKEN: Machine = {
  scopes: Scope.options,
  rateLimit: RATE_LIMIT_DEFAULT,
  client: null,
};

export interface SessionBook {
  /** The account when name and password fit; null, as slowly, when they don't. */
  checkPassword(username: string, password: string): Promise<StoredAccount | null>;
  open(account: StoredAccount): Promise<{ token: string; session: StoredSession }>;
  bySessionToken(token: string): Identity | null;
  byBearerToken(token: string): Identity | null;
  hasAccount(username: string): boolean;
  /** Ends here at once and tells listeners; false when the end could not be written. */
  end(session: StoredSession): Promise<boolean>;
  isLive(session: StoredSession): boolean;
  onEnd(listener: (tokenHash: string) => void): void;
}

/**
 * Accounts and live sessions, read from the store once: no request waits for the disk to be let in.
 */
export async function openSessionBook(store: Store, clock: Clock, log: Log): Promise<SessionBook> {
  const accounts = new Map((await store.accounts()).map((account) => [account.username, account]));
  const kept = (await store.sessions(clock.nowMs()))
    // A role that changed since, or an account that is gone, ends the session.
    .filter(({ username, role }) => accounts.get(username)?.role === role);
  const sessions = liveSessions(kept, clock);

  async function written(entry: Entry): Promise<boolean> {
    try {
      await store.append([entry]);
      return true;
    } catch (error) {
      log.error({ entry: entry.type, fault: faultOf(error) }, 'a session could not be written');
      return false;
    }
  }

  return {
    ...secretsOf(accounts),
    ...sessions,

    async open({ username, role }) {
      const token = newToken();
      const createdAtMs = clock.nowMs();
      const expiresAtMs = createdAtMs + SESSION_LIFE_MS;
      const session = { tokenHash: hashToken(token), username, role, createdAtMs, expiresAtMs };
      sessions.add(session);
      // A failing disk must not keep an operator from the alerts: then the session ends with us.
      await written({ type: 'session', ...session });
      return { token, session };
    },

    async end({ tokenHash }) {
      sessions.drop(tokenHash);
      return written({ type: 'session-ended', tokenHash });
    },
  };
}

/** What people and machines know and we don't. */
function secretsOf(
  accounts: ReadonlyMap<string, StoredAccount>,
): Pick<SessionBook, 'checkPassword' | 'byBearerToken' | 'hasAccount'> {
  const machines = [...accounts.values()].filter(({ role }) => role === 'cjib');
  const bySecret = new Map(machines.map((account) => [account.secretHash, account]));
  return {
    async checkPassword(username, password) {
      const account = accounts.get(username) ?? null;
      const right = await isPassword(password, account?.secretHash ?? null);
      return right ? account : null;
    },
    byBearerToken(token) {
      const account = bySecret.get(hashToken(token));
      if (!account) return null;
      const { username, role } = account;
      return { username, role, session: null, machine: WITH_FIXED_TOKEN };
    },
    hasAccount: (username) => accounts.has(username),
  };
}

function liveSessions(kept: readonly StoredSession[], clock: Clock) {
  const sessions = new Map(kept.map((session) => [session.tokenHash, session]));
  const listeners: ((tokenHash: string) => void)[] = [];

  function drop(tokenHash: string): void {
    if (sessions.delete(tokenHash)) for (const listener of listeners) listener(tokenHash);
  }

  return {
    drop,
    add(session: StoredSession): void {
      const nowMs = clock.nowMs();
      for (const { tokenHash, expiresAtMs } of sessions.values()) {
        if (expiresAtMs <= nowMs) drop(tokenHash);
      }
      const own = [...sessions.values()].filter(({ username }) => username === session.username);
      if (own.length >= SESSIONS_PER_ACCOUNT_MAX) drop(own[0]!.tokenHash);
      sessions.set(session.tokenHash, session);
    },
    bySessionToken(token: string): Identity | null {
      const session = sessions.get(hashToken(token));
      if (!session || session.expiresAtMs <= clock.nowMs()) return null;
      return { username: session.username, role: session.role, session, machine: null };
    },
    isLive: ({ tokenHash, expiresAtMs }: StoredSession): boolean =>
      sessions.has(tokenHash) && expiresAtMs > clock.nowMs(),
    onEnd(listener: (tokenHash: string) => void): void {
      listeners.push(listener);
    },
  };
}
