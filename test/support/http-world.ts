import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role } from '../../shared/session.ts';
import { buildApp } from '../../server/adapters/http-app.ts';
import { SESSION_COOKIE } from '../../server/adapters/http-auth.ts';
import { SESSION_LIFE_MS } from '../../server/adapters/http-session-book.ts';
import { createMetrics } from '../../server/adapters/metrics.ts';
import { type TokenKey, tokenKey } from '../../server/adapters/signing-key.ts';
import type { TlsFiles } from '../../server/adapters/tls-files.ts';
import { hashPassword, hashToken } from '../../server/adapters/passwords.ts';
import { FeedbackDesk } from '../../server/service/feedback-desk.ts';
import { sourceOf } from '../../server/service/feedback-events.ts';
import { type FakeDesk, fakeDesk, type FakeLog, fakeLog } from './fake-desk.ts';
import { type FakeClock, fakeClock, type FakeStore, fakeStore } from './fake-store.ts';

export const PASSWORD = 'correct horse battery staple';
export const TOKEN = 'token-of-cjib-that-nobody-guesses';
export const PUBLIC_URL = 'https://cordon.example';
export const NETHERLANDS = [[3.1, 50.7, 7.3, 53.7]];
/** Hashing is slow on purpose: once is enough for all tests of a file. */
const passwordHash = hashPassword(PASSWORD);

const key = keyOfTests();

export interface HttpWorld {
  readonly app: FastifyInstance;
  readonly clock: FakeClock;
  readonly store: FakeStore;
  readonly desk: FakeDesk;
  readonly log: FakeLog;
  /** Headers with which each role asks. */
  as(role: Role): Record<string, string>;
  ask(role: Role | null, method: string, url: string, body?: unknown): Promise<Answer>;
}

export type Answer = LightMyRequestResponse & { readonly problem: Record<string, unknown> };

export interface WorldOptions {
  readonly secureCookies?: boolean;
  readonly tls?: TlsFiles;
  readonly signedOrdersRequired?: boolean;
  readonly publicUrl?: string;
  readonly consoleDir?: string;
  readonly store?: FakeStore;
  readonly clock?: FakeClock;
  readonly feedKept?: number;
}

export async function httpWorld(options: WorldOptions = {}): Promise<HttpWorld> {
  const { store = fakeStore(), clock = fakeClock(), secureCookies = false } = options;
  if (store.entries.length === 0) await addAccounts(store, clock.nowMs());
  const desk = fakeDesk(store, clock, options.feedKept);
  const log = fakeLog();
  const feedback = new FeedbackDesk({
    store,
    clock,
    log,
    alarms: { report: () => {} },
    courier: { bring: async () => ({ got: 'taken' }) },
    origin: { source: sourceOf(null), baseUrl: () => '' },
    random: () => 0.5,
  });
  const app = await buildApp({
    desk,
    feedback,
    store,
    clock,
    log,
    metrics: createMetrics(),
    area: NETHERLANDS,
    secureCookies,
    tls: options.tls ?? null,
    tokenKey: key,
    signedOrdersRequired: options.signedOrdersRequired ?? false,
    publicUrl: () => options.publicUrl ?? PUBLIC_URL,
    canarySecret: 'tweet',
    consoleDir: options.consoleDir ?? null,
  });
  await app.ready();
  function as(role: Role): Record<string, string> {
    if (role === 'cjib') return { authorization: `Bearer ${TOKEN}` };
    return { cookie: cookieOf(role) };
  }

  async function ask(role: Role | null, method: string, url: string, body?: unknown) {
    const headers = role === null ? {} : as(role);
    const payload = body === undefined ? {} : { payload: body as object };
    const answer = await app.inject({ method, url, headers, ...payload } as InjectOptions);
    return Object.assign(answer, { problem: jsonOf(answer.body) });
  }

  return { app, clock, store, desk, log, as, ask };
}

/** Signs in and gives the cookie as a client sends it back. */
export async function signIn(app: FastifyInstance, username: string): Promise<string> {
  const payload = { username, password: PASSWORD };
  const answer = await app.inject({ method: 'POST', url: '/v1/sessions', payload });
  return String(answer.headers['set-cookie']).split(';', 1)[0]!;
}

function jsonOf(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** A session that was opened before the app started: signing in costs a fifth of a second. */
export const cookieOf = (username: string): string => `${SESSION_COOKIE}=token-of-${username}`;

async function addAccounts(store: FakeStore, nowMs: number): Promise<void> {
  const secretHash = await passwordHash;
  const people = ['operator', 'approver', 'administrator', 'auditor'] as const;
  const life = { createdAtMs: nowMs, expiresAtMs: nowMs + SESSION_LIFE_MS };
  const sessions = [...people, 'operator-2'].map((username) => ({
    type: 'session' as const,
    username,
    tokenHash: hashToken(`token-of-${username}`),
    role: (username === 'operator-2' ? 'operator' : username) as Role,
    ...life,
  }));
  await store.append([
    ...sessions,
    ...people.map((role) => ({ type: 'account' as const, username: role, role, secretHash })),
    { type: 'account', username: 'operator-2', role: 'operator', secretHash },
    { type: 'account', username: 'cjib', role: 'cjib', secretHash: hashToken(TOKEN) },
  ]);
}

/** Made once, in a folder that is gone at once. */
function keyOfTests(): TokenKey {
  const dir = mkdtempSync(join(tmpdir(), 'cordon-key-'));
  const made = tokenKey(dir);
  rmSync(dir, { recursive: true });
  return made;
}
