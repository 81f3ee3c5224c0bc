import type { Alert, AlertEvent } from '../../shared/alert.ts';
import { contactBan, orderOf, register } from '../../test/e2e/case-world.ts';
import { brokerOf, connectDevice, eventOf } from '../../test/e2e/device-client.ts';
import type { Page, ServerProcess } from '../../test/support/server-process.ts';
import { forEachOf } from './fleet-check.ts';

/** CJIB puts an order, and an operator writes a note, about so often while a fault happens. */
const EVERY_MS = 200;

/** What people did and what they were answered. */
export interface Clerk {
  /** Works on this server until `stop`; numbers go on from the last time. */
  work(server: ServerProcess): void;
  stop(): Promise<void>;
  /** Orders and acts answered with 2xx. */
  answered(): number;
  /** Of those, how many this server does not have. */
  lostAt(server: ServerProcess): Promise<number>;
}

const PHONE = 'clerk-phone';
const ofClerk = ({ deviceId }: Alert): boolean => deviceId === PHONE;

/** Has an alert of its own to write notes on: an SOS, which stays until a person closes it. */
export async function clerkAt(server: ServerProcess): Promise<Clerk> {
  await register(server, PHONE, 'v-clerk');
  const phone = await connectDevice(brokerOf(server), PHONE);
  await phone.deliver('event', eventOf(1, 'sos'));
  await phone.close();
  const { body } = await server.ask<Page<Alert>>('operator', 'GET', '/v1/alerts?state=open');
  const { alertId } = body.items.find(ofClerk)!;
  const orders: string[] = [];
  const notes: string[] = [];
  let acknowledged = false;
  let number = 0;
  let timer: NodeJS.Timeout | null = null;
  const underWay = new Set<Promise<void>>();

  const putOrder = async (to: ServerProcess, orderId: string): Promise<void> => {
    const order = orderOf(`w-${orderId}`, [contactBan('v-clerk-other')]);
    const answer = await to.ask('cjib', 'PUT', `/v1/orders/${orderId}`, order);
    if (answer.status === 201) orders.push(orderId);
  };
  const note = async (to: ServerProcess, text: string): Promise<void> => {
    const path = `/v1/alerts/${alertId}/notes`;
    if ((await to.ask('operator', 'POST', path, { text })).status === 201) notes.push(text);
  };
  const acknowledge = async (to: ServerProcess): Promise<void> => {
    const path = `/v1/alerts/${alertId}/acknowledgement`;
    if ((await to.ask('operator', 'POST', path, {})).status === 201) acknowledged = true;
  };
  /** A request that the kill cuts off has no answer, and promises nothing. */
  const begin = (work: Promise<void>): void => {
    const settled = work.catch(() => undefined).finally(() => underWay.delete(settled));
    underWay.add(settled);
  };
  return {
    work(to) {
      timer = setInterval(() => {
        number += 1;
        begin(putOrder(to, `clerk-${number}`));
        begin(note(to, `note-${number}`));
        if (!acknowledged) begin(acknowledge(to));
      }, EVERY_MS);
    },
    async stop() {
      clearInterval(timer ?? undefined);
      await Promise.all(underWay);
    },
    answered: () => orders.length + notes.length + (acknowledged ? 1 : 0),
    async lostAt(at) {
      let lost = 0;
      await forEachOf(orders, async (orderId) => {
        const answer = await at.ask('cjib', 'GET', `/v1/orders/${orderId}`);
        if (answer.status !== 200) lost += 1;
      });
      const kept = await notesAt(at, alertId);
      const alert = await at.ask<Alert>('operator', 'GET', `/v1/alerts/${alertId}`);
      if (acknowledged && alert.body.state !== 'acknowledged') lost += 1;
      return lost + notes.filter((text) => !kept.has(text)).length;
    },
  };
}

async function notesAt(server: ServerProcess, alertId: string): Promise<ReadonlySet<string>> {
  const path = `/v1/alerts/${alertId}/events`;
  const { body } = await server.ask<Page<AlertEvent>>('operator', 'GET', path);
  return new Set(body.items.flatMap(({ act }) => (act?.type === 'note' ? [act.text] : [])));
}
