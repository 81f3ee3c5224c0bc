import { z } from 'zod';

const text = z.string().trim().min(1).max(2000);

/** Shelving is always limited in time, with a reason. (ISA-18.2) */
export const SHELVE_MINUTES_MAX = 60;

/** Bodies of the acts on an alert; the same over HTTP and over the WebSocket. (DESIGN §6, §7) */
export const AcknowledgeBody = z.object({ text: text.nullish() });
export const NoteBody = z.object({ text });
export const DispatchBody = z.object({
  unit: z.string().trim().min(1).max(100),
  text: text.nullish(),
});
export const CloseBody = z.object({
  finding: z.string().trim().min(1).max(200),
  text: text.nullish(),
});
export const ShelveBody = z.object({
  minutes: z.number().positive().max(SHELVE_MINUTES_MAX),
  reason: text,
});

/** An operator's act on an alert. */
export const AlertAct = z.discriminatedUnion('type', [
  AcknowledgeBody.extend({ type: z.literal('acknowledge') }),
  NoteBody.extend({ type: z.literal('note') }),
  DispatchBody.extend({ type: z.literal('dispatch') }),
  CloseBody.extend({ type: z.literal('close') }),
  ShelveBody.extend({ type: z.literal('shelve') }),
]);
export type AlertAct = z.infer<typeof AlertAct>;
