import { z } from 'zod';
import { Instant } from './instant.ts';

/** What a machine may do; a stolen key of a sender cannot withdraw. (RELIABILITY §6, T13) */
export const Scope = z.enum(['orders:read', 'orders:create', 'orders:amend', 'orders:withdraw']);
export type Scope = z.infer<typeof Scope>;

export const ClientId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'use 1 to 64 letters, digits and . _ -');
export type ClientId = z.infer<typeof ClientId>;

/** A public key as JWK (RFC 7517); a private part is refused, for it must never leave its owner. */
export const PublicJwk = z
  .looseObject({
    kty: z.enum(['EC', 'OKP', 'RSA']),
    kid: z.string().min(1).max(100),
    alg: z.enum(['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'PS384']).optional(),
  })
  .refine((jwk) => !['d', 'p', 'q', 'k'].some((secret) => secret in jwk), {
    error: 'holds a private key: send the public one, and make a new pair',
  });
export type PublicJwk = z.infer<typeof PublicJwk>;

export const KEYS_PER_CLIENT_MAX = 10;
/** Requests a minute. */
export const RATE_LIMIT_DEFAULT = 60_000;

/** Body of `PUT /v1/clients/{clientId}`: a machine that speaks for an organisation. */
export const ApiClientBody = z.object({
  name: z.string().trim().min(1).max(200),
  /** Number of the organisation in the Dutch register of digital government. */
  oin: z
    .string()
    .regex(/^\d{20}$/, 'an OIN has 20 digits')
    .nullish(),
  scopes: z.array(Scope).min(1),
  keys: z.array(PublicJwk).min(1).max(KEYS_PER_CLIENT_MAX),
  /** SHA-256 of its TLS certificate, base64url; its tokens then work over that alone. (RFC 8705) */
  certificateSha256: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, 'give the SHA-256 of the certificate in base64url')
    .nullish(),
  /** Refuses orders that are not a JWS by one of its keys. */
  signedOrders: z.boolean().default(false),
  /** Requests a minute. */
  rateLimit: z.number().int().min(1).max(1_000_000).default(RATE_LIMIT_DEFAULT),
});
export type ApiClientBody = z.infer<typeof ApiClientBody>;

export const ApiClient = ApiClientBody.safeExtend({ clientId: ClientId });
export type ApiClient = z.infer<typeof ApiClient>;

/** Answer of `POST /v1/tokens`. (RFC 6749 §5.1) */
export const TokenAnswer = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number().int(),
  scope: z.string(),
});
export type TokenAnswer = z.infer<typeof TokenAnswer>;

/** A client as it is read: also when it was last set, and by whom. */
export const ApiClientView = ApiClient.safeExtend({ at: Instant, by: z.string() });
export type ApiClientView = z.infer<typeof ApiClientView>;
