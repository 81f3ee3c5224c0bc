import { html, nothing, type TemplateResult } from 'lit';
import { type Alert, CLOSURE_FINDINGS, isOpen } from '../shared/alert.ts';
import { SHELVE_MINUTES_MAX } from '../shared/alert-act.ts';
import type { Desk, NewAct } from './desk.ts';
import { positionsOf } from './selectors.ts';

type Fields = Readonly<Record<string, string>>;
/** What the server takes at most. (shared/alert-act.ts) */
const TEXT_MAX = 2_000;
const SHELVE_MINUTES_DEFAULT = 15;
const REASON_MIN = 10;

/** The acts on one alert; each is a disclosure, and opening one closes the others. */
export function actForms(desk: Desk, alert: Alert): TemplateResult {
  const closed = alert.state === 'closed';
  const mayShelve = alert.priority !== 1 && isOpen(alert) && alert.state !== 'shelved';
  const blocked = html`<p class="hint">${desk.words.act.blocked}</p>`;
  return html`<div class="acts">
    ${noteForm(desk, alert)} ${closed ? nothing : dispatchForm(desk, alert)}
    ${closed ? nothing : closeForm(desk, alert)} ${mayShelve ? shelveForm(desk, alert) : nothing}
    ${breakGlassForm(desk, alert)} ${desk.live ? nothing : blocked}
  </div>`;
}

interface Form {
  readonly name: 'note' | 'dispatch' | 'close' | 'shelve' | 'break-glass';
  readonly title: string;
  readonly submit: string;
  readonly fields: TemplateResult;
  readonly toAct: (fields: Fields) => NewAct;
}

function disclosure(desk: Desk, alert: Alert, form: Form): TemplateResult {
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    const target = event.currentTarget as HTMLFormElement;
    const entries = [...new FormData(target)].map(([key, value]) => [key, String(value).trim()]);
    desk.actions.act(form.toAct(Object.fromEntries(entries) as Fields));
    for (const [key] of entries) desk.actions.draft(draftKey(alert, form.name, String(key)), '');
    target.closest('details')?.removeAttribute('open');
  };
  return html`<details name="act-forms" class="act">
    <summary>${form.title}</summary>
    <form @submit=${onSubmit}>
      ${form.fields}
      <button class="primary" ?disabled=${!desk.live}>${form.submit}</button>
    </form>
  </details>`;
}

const draftKey = (alert: Alert, form: string, field: string): string =>
  `${alert.alertId}/${form}/${field}`;

/** What is typed is kept beside the page, so that looking at another alert loses nothing. */
function draftOf(desk: Desk, alert: Alert, form: string, field: string) {
  const key = draftKey(alert, form, field);
  return {
    value: desk.drafts.get(key) ?? '',
    onInput: (event: Event): void =>
      desk.actions.draft(key, (event.currentTarget as HTMLInputElement).value),
  };
}

interface TextField {
  readonly form: Form['name'];
  readonly name: string;
  readonly label: string;
  readonly required: boolean;
  readonly minLength?: number;
}

function textArea(desk: Desk, alert: Alert, field: TextField): TemplateResult {
  const draft = draftOf(desk, alert, field.form, field.name);
  return html`<label>
    ${field.label}
    <textarea
      name=${field.name}
      rows="2"
      minlength=${field.minLength ?? 0}
      maxlength=${TEXT_MAX}
      ?required=${field.required}
      .value=${draft.value}
      @input=${draft.onInput}
    ></textarea>
  </label>`;
}

function noteForm(desk: Desk, alert: Alert): TemplateResult {
  const { act } = desk.words;
  return disclosure(desk, alert, {
    name: 'note',
    title: act.note,
    submit: act.noteSubmit,
    fields: textArea(desk, alert, {
      form: 'note',
      name: 'text',
      label: act.noteText,
      required: true,
    }),
    toAct: ({ text }) => ({ type: 'note', alertId: alert.alertId, text: text ?? '' }),
  });
}

function dispatchForm(desk: Desk, alert: Alert): TemplateResult {
  const { act } = desk.words;
  const draft = draftOf(desk, alert, 'dispatch', 'unit');
  const text = textArea(desk, alert, {
    form: 'dispatch',
    name: 'text',
    label: act.dispatchText,
    required: false,
  });
  return disclosure(desk, alert, {
    name: 'dispatch',
    title: act.dispatch,
    submit: act.dispatchSubmit,
    fields: html`<label>
        ${act.unit} <small>${act.unitHint}</small>
        <input
          name="unit"
          maxlength="100"
          autocomplete="off"
          required
          .value=${draft.value}
          @input=${draft.onInput}
        />
      </label>
      ${text}`,
    toAct: (fields) => ({
      type: 'dispatch',
      alertId: alert.alertId,
      unit: fields['unit'] ?? '',
      text: fields['text'] || null,
    }),
  });
}

function closeForm(desk: Desk, alert: Alert): TemplateResult {
  const { act } = desk.words;
  const text = textArea(desk, alert, {
    form: 'close',
    name: 'text',
    label: act.closeText,
    required: false,
  });
  const stillOpen = html`<p class="hint warn-text">${act.closeStillOpen}</p>`;
  return disclosure(desk, alert, {
    name: 'close',
    title: act.close,
    submit: act.closeSubmit,
    fields: html`${alert.clearedAt === null && !alert.retrospective ? stillOpen : nothing}
      <label>
        ${act.finding}
        <select name="finding" required>
          <option value="">${act.choose}</option>
          ${CLOSURE_FINDINGS.map(
            (finding) => html`<option value=${finding}>${act.findings[finding]}</option>`,
          )}
        </select>
      </label>
      ${text}`,
    toAct: (fields) => ({
      type: 'close',
      alertId: alert.alertId,
      finding: fields['finding'] ?? '',
      text: fields['text'] || null,
    }),
  });
}

function shelveForm(desk: Desk, alert: Alert): TemplateResult {
  const { act } = desk.words;
  const reason = textArea(desk, alert, {
    form: 'shelve',
    name: 'reason',
    label: act.shelveReason,
    required: true,
  });
  return disclosure(desk, alert, {
    name: 'shelve',
    title: act.shelve,
    submit: act.shelveSubmit,
    fields: html`<label>
        ${act.shelveMinutes}
        <input
          name="minutes"
          type="number"
          min="1"
          max=${SHELVE_MINUTES_MAX}
          value=${SHELVE_MINUTES_DEFAULT}
          required
        />
      </label>
      ${reason}`,
    toAct: (fields) => ({
      type: 'shelve',
      alertId: alert.alertId,
      minutes: Number(fields['minutes']),
      reason: fields['reason'] ?? '',
    }),
  });
}

/** Only where the server shows no positions: an open alert needs no glass to be broken. */
function breakGlassForm(desk: Desk, alert: Alert): TemplateResult | typeof nothing {
  const { act } = desk.words;
  const settled = alert.state === 'closed' || alert.state === 'cleared';
  if (!settled || positionsOf(desk.state, alert.caseId).length > 0) return nothing;
  const reason = textArea(desk, alert, {
    form: 'break-glass',
    name: 'reason',
    label: act.breakGlassReason,
    required: true,
    minLength: REASON_MIN,
  });
  return disclosure(desk, alert, {
    name: 'break-glass',
    title: act.breakGlass,
    submit: act.breakGlassSubmit,
    fields: html`<p class="hint">${act.breakGlassExplain}</p>
      ${reason}`,
    toAct: (fields) => ({
      type: 'break-glass',
      alertId: alert.alertId,
      reason: fields['reason'] ?? '',
    }),
  });
}
