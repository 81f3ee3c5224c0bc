import type { OrderView } from '../shared/order-view.ts';
import { type Fetched, getDossier, getOrder, listOrders } from './approval-api.ts';
import type { ApprovalStage } from './approval-stage.ts';

/** What waits is asked for so often; more would burden the server, less a colleague's patience. */
const REFRESH_MS = 10_000;
/** The whole list finds zones that are missing; it is longer, and hurries less. */
const READ_ALL_MS = 60_000;
/** Asked one by one between two readings of the whole list. */
const SETTLED_MAX = 20;
/** A header tells whole seconds: smaller differences between two clocks say nothing. */
const SKEW_MS_MIN = 2_000;

/** Keeps the page as the server has it, and says so when it cannot. (SPEC AV4) */
export class ApprovalReader {
  readonly #stage: ApprovalStage;
  #askedAtMs: number;
  #allAtMs: number;
  #asking = false;

  constructor(stage: ApprovalStage) {
    this.#stage = stage;
    this.#askedAtMs = this.#nowMs();
    this.#allAtMs = this.#nowMs();
  }

  /** Asks when it is time; called at every tick. */
  async tick(): Promise<void> {
    if (this.#nowMs() - this.#askedAtMs < REFRESH_MS) return;
    if (this.#nowMs() - this.#allAtMs >= READ_ALL_MS) return this.readAll();
    await this.#once(async () => {
      await this.#list(false);
      await this.#readChosen();
    });
  }

  async readAll(): Promise<void> {
    await this.#once(async () => {
      await this.#list(true);
      this.#allAtMs = this.#nowMs();
      await this.#readChosen();
    });
  }

  async readDossier(orderId: string): Promise<void> {
    const answer = await getDossier(orderId);
    const dossier = this.#heard(answer) ? answer.value : ({ state: 'failed', orderId } as const);
    this.#stage.dispatch({ type: 'dossier', dossier });
  }

  /** Orders of a wearer, or with an id, that are not on the page yet. */
  async search(text: string): Promise<void> {
    const sought = text.trim();
    if (!/^[A-Za-z0-9][A-Za-z0-9._:~@-]*$/.test(sought)) return;
    const [ofWearer, itself] = await Promise.all([
      listOrders({ wearerId: sought }),
      getOrder(sought),
    ]);
    const orders = [
      ...(this.#heard(ofWearer) ? ofWearer.value.orders : []),
      ...(itself.ok ? [itself.value] : []),
    ];
    this.#stage.dispatch({ type: 'listed', orders, whole: false, complete: true });
  }

  async #list(whole: boolean): Promise<void> {
    const query: Record<string, string> = whole ? {} : { status: 'awaiting-approval' };
    const answer = await listOrders(query);
    if (!this.#heard(answer)) return;
    const { orders, complete } = answer.value;
    const gone = whole || !complete ? [] : await this.#settledSince(orders);
    this.#stage.dispatch({ type: 'listed', orders: [...orders, ...gone], whole, complete });
  }

  /** What waited and is not in the list of what waits any more: asked one by one. */
  async #settledSince(waiting: readonly OrderView[]): Promise<OrderView[]> {
    const still = new Set(waiting.map(({ orderId }) => orderId));
    const gone = [...this.#stage.state().orders.values()].filter(
      ({ status, orderId }) => status === 'awaiting-approval' && !still.has(orderId),
    );
    const answers = await Promise.all(
      gone.slice(0, SETTLED_MAX).map(({ orderId }) => getOrder(orderId)),
    );
    return answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
  }

  async #readChosen(): Promise<void> {
    const { dossier } = this.#stage.state();
    if (dossier === null || dossier.state === 'loading') return;
    const answer = await getOrder(dossier.orderId);
    if (!this.#heard(answer)) return;
    const orders = [answer.value];
    this.#stage.dispatch({ type: 'listed', orders, whole: false, complete: true });
  }

  /** A slow server is not asked again before it has answered. */
  async #once(read: () => Promise<void>): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    this.#askedAtMs = this.#nowMs();
    try {
      await read();
    } finally {
      this.#asking = false;
    }
  }

  /** Every answer tells the time, and that the server is there. */
  #heard<T>(answer: Fetched<T>): answer is Extract<Fetched<T>, { ok: true }> {
    const atMs = this.#nowMs();
    if (answer.ok) {
      const known = this.#stage.state().skewMs;
      const skewMs = answer.serverMs === null ? known : answer.serverMs - atMs;
      const steady = Math.abs(skewMs - known) < SKEW_MS_MIN ? known : skewMs;
      this.#stage.dispatch({ type: 'heard', skewMs: steady });
      return true;
    }
    if (answer.why !== 'refused') {
      const signedOut = answer.why === 'signed-out';
      this.#stage.dispatch({ type: 'unheard', atMs, signedOut });
    }
    return false;
  }

  #nowMs(): number {
    return this.#stage.hooks.clock.nowMs();
  }
}
