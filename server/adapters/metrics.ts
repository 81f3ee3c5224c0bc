import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Meter } from '../ports.ts';

/** From a microsecond, a case at rest, to a second, when warnings come late. */
const EVALUATION_BUCKETS_S = [1e-6, 1e-5, 5e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1, 0.5, 1];
/** A write with fsync takes about a millisecond on a good disk. */
const DURABLE_BUCKETS_S = [5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export interface Metrics {
  readonly meter: Meter;
  /** Prometheus text; event-loop lag and the process's own figures included. */
  text(): Promise<string>;
  readonly contentType: string;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: T[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, buckets, registers });

  const messages = counter('cordon_messages_total', 'Messages from devices.', ['channel']);
  const rejections = counter('cordon_rejections_total', 'Messages or parts refused.', ['reason']);
  const held = counter('cordon_held_messages_total', 'Messages beyond what a device may send.', [
    'outcome',
  ]);
  const changes = counter('cordon_alert_changes_total', 'Steps in the lives of alerts.', [
    'kind',
    'change',
    'priority',
  ]);
  const evaluations = histogram(
    'cordon_evaluation_seconds',
    'Time to evaluate one event.',
    EVALUATION_BUCKETS_S,
  );
  const writes = histogram(
    'cordon_durable_seconds',
    'Time until a batch of entries was on disk.',
    DURABLE_BUCKETS_S,
  );
  const entries = counter('cordon_durable_entries_total', 'Entries on disk.', []);
  const commands = counter('cordon_commands_total', 'Commands sent to devices.', ['kind', 'again']);
  const unsettled = new Gauge({
    name: 'cordon_commands_unsettled',
    help: 'Commands that no device has said to have heard.',
    registers,
  });
  const consoles = new Gauge({ name: 'cordon_consoles', help: 'Consoles connected.', registers });
  const behind = new Gauge({
    name: 'cordon_console_behind_bytes',
    help: 'What waits for the console that is furthest behind.',
    registers,
  });

  return {
    meter: {
      message: (channel) => messages.inc({ channel }),
      rejected: (reason) => rejections.inc({ reason }),
      held: (outcome) => held.inc({ outcome }),
      evaluated: (seconds) => evaluations.observe(seconds),
      alertChanged: (kind, change, priority) => changes.inc({ kind, change, priority }),
      durable(count, seconds) {
        entries.inc(count);
        writes.observe(seconds);
      },
      consoles: (connected) => consoles.set(connected),
      consoleBehind: (bytes) => behind.set(bytes),
      commanded: (kind, again) => commands.inc({ kind, again: String(again) }),
      unsettled: (count) => unsettled.set(count),
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
