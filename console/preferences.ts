import { z } from 'zod';

/** What one operator likes on this machine. Nothing about a case is ever kept in the browser. */
const Preferences = z.object({
  language: z.enum(['nl', 'en']),
  theme: z.enum(['system', 'light', 'dark']),
  shortcuts: z.boolean(),
});
export type Preferences = z.infer<typeof Preferences>;

const KEY = 'cordon-console';
/** Single keys are off until somebody wants them: speech input types letters. (WCAG 2.1.4) */
const DEFAULTS: Preferences = { language: 'nl', theme: 'system', shortcuts: false };

/** Storage may be forbidden, full, or filled by an older console: then the defaults hold. */
export function loadPreferences(storage: Pick<Storage, 'getItem'> | null): Preferences {
  try {
    return Preferences.parse({ ...DEFAULTS, ...JSON.parse(storage?.getItem(KEY) ?? '{}') });
  } catch {
    return DEFAULTS;
  }
}

export function savePreferences(
  storage: Pick<Storage, 'setItem'> | null,
  preferences: Preferences,
): void {
  try {
    storage?.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // A preference that is not kept is no reason to disturb an operator.
  }
}
