import { z } from 'zod';

/** Controls break lists and logs; marks of direction show another text than is there. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u;
const UNSEEN_IN_LINES = /(?![\t\n\r])[\p{Cc}\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u;

const visible = (unseen: RegExp, lengthMax: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(lengthMax)
    .refine((text) => !unseen.test(text), {
      error: 'holds characters that nobody sees: take out control and direction marks',
    });

/** What is shown in one line. */
export const oneLine = (lengthMax: number) => visible(UNSEEN, lengthMax);
/** What may have lines. */
export const lines = (lengthMax: number) => visible(UNSEEN_IN_LINES, lengthMax);
