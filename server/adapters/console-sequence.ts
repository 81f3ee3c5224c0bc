import type { Alert } from '../../shared/alert.ts';
import type { FeedItem } from '../kept.ts';
import type { Clock, Desk } from '../ports.ts';
import type { Resume } from './console-inbound.ts';
import type { Link } from './console-link.ts';

/** How long a fresh console may take to say that it has been here before. */
export const RESUME_GRACE_MS = 400;
/** Beyond this a snapshot is the shorter way to the present. */
export const RESUMED_ALERTS_MAX = 2_000;

/** Gives every console its place in the sequence of alerts. (DESIGN §7) */
export interface AlertSequence {
  /** Waits a moment for a resume, then sends a snapshot. */
  begin(link: Link): void;
  resume(link: Link, resume: Resume): void;
  tellAll(links: Iterable<Link>, item: FeedItem): void;
}

const texts = new WeakMap<Alert, string>();

/** Made once for each state of an alert: snapshots and resumes are put together from these. */
function textOf(alert: Alert): string {
  const text = texts.get(alert) ?? JSON.stringify(alert);
  texts.set(alert, text);
  return text;
}

const alertFrame = ({ seq, alert }: FeedItem): Buffer =>
  Buffer.from(`{"type":"alert","seq":${seq},"alert":${textOf(alert)}}`);

const snapshotOf = (seq: number, alerts: readonly Alert[]): Buffer =>
  Buffer.from(`{"type":"snapshot","seq":${seq},"alerts":[${alerts.map(textOf).join(',')}]}`);

export function alertSequence(
  desk: Desk,
  clock: Clock,
  send: (link: Link, frame: Buffer) => void,
): AlertSequence {
  const { feed } = desk;
  /** Made once per sequence number, however many consoles come back at once. */
  let snapshot: { seq: number; frame: Buffer } | null = null;

  function snapshotFrame(): Buffer {
    if (snapshot?.seq !== feed.seq) {
      const { seq } = feed;
      snapshot = { seq, frame: snapshotOf(seq, desk.openAlerts()) };
    }
    return snapshot.frame;
  }

  /** Null when only a snapshot can tell: a new console, another epoch, or too long away. */
  function missedBy(resume: Resume | null): readonly FeedItem[] | null {
    if (resume?.epoch == null || resume.seq == null || resume.seq > feed.seq) return null;
    const missed = feed.since(resume.epoch, resume.seq);
    return missed === null || missed.length > RESUMED_ALERTS_MAX ? null : missed;
  }

  /**
   * The one moment at which a console gets its place; what was raised until now is covered by it.
   */
  function settle(link: Link, resume: Resume | null): void {
    if (link.place.state !== 'deciding') return;
    link.place.stopGrace();
    const missed = missedBy(resume);
    link.place = { state: 'live', snapshotSeq: missed === null ? feed.seq : null };
    if (missed === null) send(link, snapshotFrame());
    else for (const item of missed) send(link, alertFrame(item));
    link.outbox.beginCatchUp();
  }

  /** Lost the race against the grace: the snapshot told the present, but not the way there. */
  function resumeLate(link: Link, resume: Resume, untilSeq: number): void {
    link.place = { state: 'live', snapshotSeq: null };
    const missed = missedBy(resume)?.filter(({ seq }) => seq <= untilSeq) ?? [];
    for (const item of missed) send(link, alertFrame(item));
  }

  return {
    begin(link) {
      const stopGrace = clock.every(RESUME_GRACE_MS, () => settle(link, null));
      link.place = { state: 'deciding', stopGrace };
    },
    resume(link, resume) {
      if (link.place.state === 'deciding') settle(link, resume);
      else if (link.place.snapshotSeq !== null) resumeLate(link, resume, link.place.snapshotSeq);
    },
    tellAll(links, item) {
      const frame = alertFrame(item);
      for (const link of links) if (link.place.state === 'live') send(link, frame);
    },
  };
}
