import { GENESIS } from '../server/evidence/journal-chain.ts';
import type { Recovered, Store } from '../server/ports.ts';

const NOTHING: Recovered = {
  devices: [],
  orders: [],
  alerts: [],
  positions: [],
  asked: [],
  feed: [],
  lastAtMs: null,
};

/** Says that all is written, and writes nothing: what writing costs is the difference. */
export const forgetfulStore = (): Store => ({
  append: async () => undefined,
  recover: async () => NOTHING,
  orders: async () => [],
  orderVersions: async () => [],
  alerts: async () => [],
  alert: async () => null,
  alertEvents: async () => [],
  positions: async () => [],
  accounts: async () => [],
  sessions: async () => [],
  looks: async () => [],
  registrations: async () => [],
  deliveries: async () => [],
  journal: async () => [],
  journalHead: async () => GENESIS,
  checkpoints: async () => [],
  dump: async () => ({ entries: [], next: null }),
  limits: async () => [],
  prune: async () => undefined,
  close: async () => undefined,
});
