import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Role } from '../../shared/session.ts';
import { buildApp } from '../../server/adapters/http-app.ts';
import { createMetrics } from '../../server/adapters/metrics.ts';
import { hashPassword, hashToken } from '../../server/adapters/passwords.ts';
import type { FakeClock, FakeDesk, FakeLog, FakeStore } from './fake-desk.ts';
import { fakeClock, fakeDesk, fakeLog, fakeStore } from './fake-desk.ts';

export const PASSWORD = 'correct horse battery staple';
export const TOKEN = 'token-of-cjib-that-nobody-guesses';
export const NETHERLANDS = [[3.1, 50.7, 7.3, 53.7]];
/** Hashing is slow on purpose: once is enough for all tests of a file. */
const passwordHash = hashPassword(PASSWORD);

export interface HttpWorld {
  readonly app: FastifyInstance;
  readonly clock: FakeClock;
  readonly store: FakeStore;
  readonly desk: FakeDesk;
  readonly log: FakeLog;
  /** Headers with which each role asks. */
  as(role: Role): Promise<Record<string, string>>;
  ask(role: Role | null, method: string, url: string, body?: unknown): Promise<Answer>;
}

export type Answer = LightMyRequestResponse & { readonly problem: Record<string, unknown> };

export interface WorldOptions {
  readonly secureCookies?: boolean;
  readonly consoleDir?: string;
  readonly store?: FakeStore;
  readonly clock?: FakeClock;
  readonly feedKept?: number;
}

export async function httpWorld(options: WorldOptions = {}): Promise<HttpWorld> {
  const { store = fakeStore(), clock = fakeClock(), secureCookies = false } = options;
  if (store.entries.length === 0) await addAccounts(store);
  const desk = fakeDesk(store, clock, options.feedKept);
  const log = fakeLog();
  const app = await buildApp({
    ...{ desk, store, clock, log, metrics: createMetrics(), area: NETHERLANDS, secureCookies },
    consoleDir: options.consoleDir ?? null,
  });
  await app.ready();
  const cookies = new Map<Role, string>();

  async function as(role: Role): Promise<Record<string, string>> {
    if (role === 'cjib') return { authorization: `Bearer ${TOKEN}` };
    const known = cookies.get(role) ?? (await signIn(app, role));
    cookies.set(role, known);
    return { cookie: known };
  }

  async function ask(role: Role | null, method: string, url: string, body?: unknown) {
    const headers = role === null ? {} : await as(role);
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

async function addAccounts(store: FakeStore): Promise<void> {
  const secretHash = await passwordHash;
  const people = ['operator', 'approver', 'administrator', 'auditor'] as const;
  await store.append([
    ...people.map((role) => ({ type: 'account' as const, username: role, role, secretHash })),
    { type: 'account', username: 'operator-2', role: 'operator', secretHash },
    { type: 'account', username: 'cjib', role: 'cjib', secretHash: hashToken(TOKEN) },
  ]);
}
