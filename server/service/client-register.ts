import { type ApiClient, ApiClientBody, type PublicJwk } from '../../shared/api-client.ts';
import type { Registration } from '../kept.ts';
import type { Clock, Log, Store } from '../ports.ts';

/** The machines that may ask for tokens, as the store keeps them and the journal tells. */

/** Each costs memory here and is read at every start. */
export const CLIENTS_MAX = 1_000;

export interface RegisteredClient {
  readonly client: ApiClient;
  readonly atMs: number;
  readonly by: string;
}

export class ClientRegister {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #clients: Map<string, RegisteredClient>;

  private constructor(store: Store, clock: Clock, found: readonly RegisteredClient[]) {
    this.#store = store;
    this.#clock = clock;
    this.#clients = new Map(found.map((each) => [each.client.clientId, each]));
  }

  /** Reads the store once: no request waits for the disk to be let in. */
  static async open(store: Store, clock: Clock, log: Log): Promise<ClientRegister> {
    const found = (await store.registrations()).filter(({ kind }) => kind === 'client');
    const clients = found.flatMap((each) => {
      const client = clientOf(each);
      // Nobody is let in by what we cannot read, but nobody's watch depends on it either.
      if (client === null) log.error({ client: each.key }, 'a client cannot be read: set it anew');
      return client ?? [];
    });
    return new ClientRegister(store, clock, clients);
  }

  find(clientId: string): RegisteredClient | null {
    return this.#clients.get(clientId) ?? null;
  }

  list(): RegisteredClient[] {
    return [...this.#clients.values()].toSorted((a, b) =>
      a.client.clientId < b.client.clientId ? -1 : 1,
    );
  }

  get isFull(): boolean {
    return this.#clients.size >= CLIENTS_MAX;
  }

  /** Works once it is on disk; rejects, and nothing has changed, if that fails. (SPEC CI1) */
  async put({ clientId, ...body }: ApiClient, by: string): Promise<RegisteredClient> {
    const registration = this.#registration(clientId, by, body);
    await this.#store.append([{ type: 'registration', ...registration }]);
    const registered = { client: { ...body, clientId }, atMs: registration.atMs, by };
    this.#clients.set(clientId, registered);
    return registered;
  }

  /** Its keys and tokens work no more from here on. (SPEC CI1) */
  async remove(clientId: string, by: string): Promise<void> {
    const registration = this.#registration(clientId, by, null);
    await this.#store.append([{ type: 'registration', ...registration }]);
    this.#clients.delete(clientId);
  }

  #registration(key: string, by: string, value: Registration['value']): Registration {
    return { kind: 'client', key, atMs: this.#clock.nowMs(), by, value };
  }
}

function clientOf({ key, atMs, by, value }: Registration): RegisteredClient | null {
  const parsed = ApiClientBody.safeParse(value);
  return parsed.success ? { client: { ...parsed.data, clientId: key }, atMs, by } : null;
}

export const keyNamed = (client: ApiClient, kid: string): PublicJwk | null =>
  client.keys.find((key) => key.kid === kid) ?? null;
