import { html, nothing, type TemplateResult } from 'lit';
import type { Alert, AlertEvent } from '../shared/alert.ts';
import type { AlertAct } from '../shared/alert-act.ts';
import { preciseClockText } from '../shared/figures.ts';
import { fromInstant } from '../shared/instant.ts';
import { assertNever } from '../shared/result.ts';
import type { Desk } from './desk.ts';

/** Who did what and when, newest first. */
export function alertHistory(desk: Desk, alert: Alert): TemplateResult {
  const { words, state, actions } = desk;
  const history = state.histories.get(alert.alertId) ?? { state: 'loading' as const };
  const retry = html`<p class="notice warn">
    <span>${words.history.failed}</span>
    <button @click=${() => actions.loadHistory(alert.alertId)}>${words.history.retry}</button>
  </p>`;
  return html`<section class="history" aria-labelledby="history-title">
    <h4 id="history-title">${words.history.title}</h4>
    ${history.state === 'loading' ? html`<p class="hint">${words.history.loading}</p>` : nothing}
    ${history.state === 'failed' ? retry : nothing}
    ${history.state === 'loaded' ? lines(desk, history.events, history.complete) : nothing}
  </section>`;
}

function lines(desk: Desk, events: readonly AlertEvent[], complete: boolean): TemplateResult {
  const { words } = desk;
  if (events.length === 0) return html`<p class="hint">${words.history.empty}</p>`;
  const newestFirst = events.toSorted((a, b) => b.seq - a.seq);
  return html`
    <ol class="events">
      ${newestFirst.map((event) => line(desk, event))}
    </ol>
    ${complete ? nothing : html`<p class="hint">${words.history.incomplete}</p>`}
  `;
}

function line({ words, language, nowMs }: Desk, event: AlertEvent): TemplateResult {
  const { alert } = event;
  const figures = [words.alert.priority[alert.priority]];
  if (alert.stage !== null) figures.push(words.alert.stage[alert.stage]);
  if (alert.certainty !== null) figures.push(words.alert.certainty[alert.certainty]);
  const what = event.act === null ? words.history.change[event.change] : said(event.act, words);
  return html`<li>
    <time>${preciseClockText(fromInstant(event.at), nowMs, language)}</time>
    <span><b>${what}</b> ${event.act === null ? figures.join(', ') : nothing}</span>
    <span class="by">${event.by ?? words.history.system}</span>
  </li>`;
}

function said(act: AlertAct, words: Desk['words']): string {
  const name = words.act.names[act.type];
  const withText = (text: string | null | undefined): string => (text ? `${name}: ${text}` : name);
  switch (act.type) {
    case 'acknowledge':
    case 'note':
      return withText(act.text);
    case 'dispatch':
      return withText([act.unit, act.text].filter(Boolean).join(' – '));
    case 'close': {
      const known = Object.entries(words.act.findings).find(([code]) => code === act.finding);
      return withText([known?.[1] ?? act.finding, act.text].filter(Boolean).join(' – '));
    }
    case 'shelve':
      return withText(`${act.minutes} min, ${act.reason}`);
    default:
      return assertNever(act);
  }
}
