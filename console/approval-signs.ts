import { html, svg, type TemplateResult } from 'lit';
import type { OrderChange } from '../shared/order-preview.ts';

/** Drawn, because fonts lack some of them; the words stand beside each. */
type Sign = 'less' | 'more' | 'mixed' | 'same' | 'alarm' | 'tick' | 'stop' | 'hour-glass';

const PATHS: Record<Sign, string> = {
  less: 'M10 19 L1 7 H6.5 V1 H13.5 V7 H19 Z',
  more: 'M10 1 L19 13 H13.5 V19 H6.5 V13 H1 Z',
  mixed: 'M6 19 L0 11 H4 V1 H8 V11 H12 Z M14 1 L20 9 H16 V19 H12.4 V11 L12 9 H8.4 Z',
  same: 'M2 5 H18 V8.5 H2 Z M2 11.5 H18 V15 H2 Z',
  alarm: 'M10 0.5 L20 19 H0 Z M9 7 L9.4 13 H10.6 L11 7 Z M9 14.6 V16.8 H11 V14.6 Z',
  tick: 'M2 11 L5 8 L8.2 11.4 L15.4 3 L18.4 5.8 L8.4 17.4 Z',
  stop: 'M6 0.5 H14 L19.5 6 V14 L14 19.5 H6 L0.5 14 V6 Z M5 8.5 V11.5 H15 V8.5 Z',
  'hour-glass': 'M4 1 H16 V5 L11.5 10 L16 15 V19 H4 V15 L8.5 10 L4 5 Z',
};

export const sign = (name: Sign): TemplateResult => html`
  <svg class="sign sign-${name}" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
    ${svg`<path fill-rule="evenodd" d=${PATHS[name]}></path>`}
  </svg>
`;

export const protectionSign = (protection: OrderChange['protection']): TemplateResult =>
  sign(protection);
