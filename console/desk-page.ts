import { html, type TemplateResult } from 'lit';
import { alertDetail } from './alert-detail.ts';
import { alertList } from './alert-list.ts';
import type { Desk } from './desk.ts';
import { deskHeader } from './desk-header.ts';
import { linkBanner } from './link-banner.ts';
import { mapPanel } from './map-panel.ts';

/** List first: it stands alone when everything else on the page fails. */
export function deskPage(desk: Desk): TemplateResult {
  return html`
    <div class="desk ${desk.live ? 'live' : 'outdated'}">
      <div class="top">${deskHeader(desk)} ${linkBanner(desk)}</div>
      <main class="panes">${alertList(desk)} ${alertDetail(desk)} ${mapPanel(desk)}</main>
    </div>
  `;
}
