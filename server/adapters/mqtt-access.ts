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
}

/** Lets clients in by name and password. */
export function gate(authenticate: Authenticate, log: Log): Gate {
  const principals = new WeakMap<Client, Principal>();
  const present = new Map<string, Client>();

  /**
   * MQTT lets a new client throw out the old one of the same id: only its own, not another's. From
   * here on the id is taken, not only from CONNACK on, or two could pass this point together.
   */
  const takeId = (client: Client, { name }: Principal): boolean => {
    const holder = present.get(client.id);
    if (holder && principals.get(holder)?.name !== name) return false;
    present.set(client.id, client);
    client.conn.once('close', () => {
      if (present.get(client.id) === client) present.delete(client.id);
    });
    return true;
  };
  const judge = async (
    client: Client,
    name: string | undefined,
    password: string | undefined,
  ): Promise<AuthenticateError | null> => {
    const principal = await authenticate(name, password, client.id);
    if (!principal) return refusal(BAD_CREDENTIALS, 'bad user name or password');
    if (client.closed) return refusal(SERVER_UNAVAILABLE, 'gone before it was let in');
    if (!takeId(client, principal)) return refusal(IDENTIFIER_REJECTED, 'client id in use');
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
  };
}
