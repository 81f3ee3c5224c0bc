import { nothing, svg, type SVGTemplateResult } from 'lit';
import type { Priority } from '../shared/alert.ts';

/** One shape a priority, so that it is known without its colour. Drawn: fonts lack some of them. */
const PATHS: Record<Priority, string> = {
  1: 'M10 1 L19.5 18.5 H0.5 Z',
  2: 'M10 0.5 L19.5 10 L10 19.5 L0.5 10 Z',
  3: 'M10 1.5 a8.5 8.5 0 1 0 0.001 0 Z',
  4: 'M2 2 H18 V18 H2 Z',
};

/** An exclamation mark, so that the most urgent is known at a glance. */
const MARK = svg`<path class="mark" d="M9 7 h2 l-0.4 6 h-1.2 Z M9 14.4 h2 v2 h-2 Z"></path>`;

/** Decoration: the priority stands beside it in words. */
export const shapeOf = (priority: Priority): SVGTemplateResult => svg`
  <svg class="shape p${priority}" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
    <path d=${PATHS[priority]}></path>
    ${priority === 1 ? MARK : nothing}
  </svg>`;
