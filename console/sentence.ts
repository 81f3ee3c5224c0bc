import { html, type TemplateResult } from 'lit';
import type { Alert } from '../shared/alert.ts';
import type { Language } from '../shared/figures.ts';
import { why } from '../shared/why.ts';

/** The sentence of an alert, with ids and figures kept on one line: half of "w-1" is no name. */
export function sentenceOf(alert: Alert, language: Language, nowMs: number): TemplateResult[] {
  const ids = [alert.wearerId, alert.victimId, alert.deviceId].filter((id) => id !== null);
  const whole = [...ids.map(literal), String.raw`\d[\d.,]* (?:± \d[\d.,]* )?(?:km|m/s|min|m|s)\b`];
  const parts = why(alert, language, nowMs).split(new RegExp(`(${whole.join('|')})`));
  return parts.map((part, at) =>
    at % 2 === 1 ? html`<span class="whole">${part}</span>` : html`${part}`,
  );
}

const literal = (id: string): string => id.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
