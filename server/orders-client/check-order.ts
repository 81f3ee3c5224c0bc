import { CourtOrderBody } from '../../shared/court-order.ts';
import { faultWords } from '../../shared/fault-words.ts';
import { keyFaults } from '../../shared/json-keys.ts';
import { OrderView } from '../../shared/order-view.ts';
import { pointerOf } from '../../shared/problem.ts';
import { unknownKeys } from '../../shared/unknown-keys.ts';

export interface OrderFault {
  readonly pointer: string;
  readonly detail: string;
}

/**
 * What can be said of an order without asking the server: its fields. Where its zones lie, whether
 * they cross themselves, and the terms of law only the server knows. (SPEC OC6)
 */
export function checkOrderText(text: string): OrderFault[] {
  let order: unknown;
  try {
    order = JSON.parse(text);
  } catch (error) {
    return [{ pointer: '', detail: `is not one JSON value: ${(error as Error).message}` }];
  }
  const parsed = CourtOrderBody.safeParse(order, { error: faultWords });
  // An order as it was got, with where it stands, may be sent back.
  const strange = unknownKeys(OrderView, order);
  const all = [...(parsed.error?.issues ?? []), ...strange, ...keyFaults(text)];
  return all.map(({ path, message }) => ({
    pointer: pointerOf(path),
    detail: message,
  }));
}
