import type { AuthenticateError, Client } from 'aedes';
import type { Log } from '../ports.ts';

/** Who a client is, and all that it may do; what is not granted here is denied. */
export interface Principal {
  readonly name: string;
  mayPublish(topic: string): boolean;
  /** Asked with a topic filter as the client sent it, wildcards included, and with topics. */
  mayRead(filter: string): boolean;
}

/** Null when name and password do not fit, or when this principal may not use this client id. */
export type Authenticate = (
  username: string | undefined,
  password: string | undefined,
  clientId: string,
) => Principal | null | Promise<Principal | null>;

/** Two more than any of our topics has. */
const TOPIC_LEVELS_MAX = 6;

/** Shared subscriptions would be granted by aedes and deliver nothing; `$SYS` is nobody's. */
export const isPlainTopic = (topic: string): boolean =>
  !topic.startsWith('$') && topic.split('/').length <= TOPIC_LEVELS_MAX;

const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
const BAD_CREDENTIALS = 4;

const refusal = (returnCode: number, message: string): AuthenticateError =>
  Object.assign(new Error(message), { returnCode });

type Admitted = (error: AuthenticateError | null, success: boolean | null) => void;

export interface Gate {
  admit(
    client: Client,
    name: string | undefined,
    password: Buffer | undefined,
    done: Admitted,
  ): void;
  /** Null for a client that was not let in. */
  principalOf(client: Client): Principal | null;
  connected(client: Client): void;
  disconnected(client: Client): void;
}

/** Lets clients in by name and password. */
export function gate(authenticate: Authenticate, log: Log): Gate {
  const principals = new WeakMap<Client, Principal>();
  const present = new Map<string, Client>();

  /** MQTT lets a new client throw out the old one of the same id: only its own, not another's. */
  const isTaken = (clientId: string, { name }: Principal): boolean => {
    const holder = present.get(clientId);
    return holder !== undefined && principals.get(holder)?.name !== name;
  };
  const judge = async (
    client: Client,
    name: string | undefined,
    password: string | undefined,
  ): Promise<AuthenticateError | null> => {
    const principal = await authenticate(name, password, client.id);
    if (!principal) return refusal(BAD_CREDENTIALS, 'bad user name or password');
    if (isTaken(client.id, principal)) return refusal(IDENTIFIER_REJECTED, 'client id in use');
    principals.set(client, principal);
    return null;
  };

  return {
    admit(client, name, password, done) {
      judge(client, name, password?.toString('utf8')).then(
        (error) => done(error, error === null),
        (error: Error) => {
          log.error({ error: error.message }, 'cannot authenticate mqtt clients');
          done(refusal(SERVER_UNAVAILABLE, 'cannot authenticate now'), false);
        },
      );
    },
    principalOf: (client) => principals.get(client) ?? null,
    connected: (client) => present.set(client.id, client),
    disconnected: (client) => {
      if (present.get(client.id) === client) present.delete(client.id);
    },
  };
}
