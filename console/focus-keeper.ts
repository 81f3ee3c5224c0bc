/**
 * Renders without taking the focus away. A row that moves loses it in some browsers, and a button
 * that did its work is gone or disabled: then it goes to the row that the button belonged to.
 */
export function keepFocus(renderPage: () => void): void {
  const before = document.activeElement;
  const alertId = before?.closest<HTMLElement>('[data-alert]')?.dataset['alert'] ?? null;
  renderPage();
  if (before === null || before === document.body || alertId === null) return;
  const disabled = before instanceof HTMLButtonElement && before.disabled;
  if (document.activeElement === before && !disabled) return;
  if (document.activeElement !== before && document.activeElement !== document.body) return;
  if (before.isConnected && !disabled) {
    (before as HTMLElement).focus({ preventScroll: true });
    return;
  }
  const row = [...document.querySelectorAll<HTMLElement>('.row')].find(
    ({ dataset }) => dataset['alert'] === alertId,
  );
  row?.querySelector<HTMLElement>('.select')?.focus({ preventScroll: true });
}
