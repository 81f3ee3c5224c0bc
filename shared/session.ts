import { z } from 'zod';
import { Instant } from './instant.ts';

export const Role = z.enum(['operator', 'approver', 'administrator', 'auditor', 'cjib']);
export type Role = z.infer<typeof Role>;

/** Body of `POST /v1/sessions`. (DESIGN §8) */
export const SignInBody = z.object({
  username: z.string().min(1).max(100),
  password: z.string().min(1).max(1000),
});
export type SignInBody = z.infer<typeof SignInBody>;

/** Answer to a sign-in and to `GET /v1/sessions/current`. */
export const Session = z.object({ username: z.string(), role: Role, expiresAt: Instant });
export type Session = z.infer<typeof Session>;
