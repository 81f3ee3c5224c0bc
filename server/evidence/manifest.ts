import { z } from 'zod';
import type { Signer } from './checkpoint.ts';
import { isSignedBy } from './signature.ts';

/** What an export consists of. Changes when an older program could not read it. */
export const EXPORT_FORMAT = 'cordon-export-2';
/** That of version 1 has no deliveries, and is read all the same. */
const EXPORT_FORMATS_READ = ['cordon-export-1', EXPORT_FORMAT] as const;

/** The parts of an export, in the order in which they are read in. */
export const EXPORT_PARTS = [
  'accounts',
  'journal',
  'checkpoints',
  'positions',
  'device-events',
  'deliveries',
] as const;
export type ExportPart = (typeof EXPORT_PARTS)[number];

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What an export holds, counted, hashed and signed: its receiver can tell that it is whole. */
export const Manifest = z.object({
  format: z.enum(EXPORT_FORMATS_READ),
  createdAt: z.iso.datetime(),
  /** Where the journal ends. */
  journal: z.object({ seq: z.int().min(0), hash: Sha256 }),
  openAlerts: z.int().min(0),
  files: z.array(
    z.object({
      part: z.enum(EXPORT_PARTS),
      name: z.string().regex(/^[a-z-]+\.ndjson\.gz$/),
      rows: z.int().min(0),
      /** Of the file as it lies there. */
      sha256: Sha256,
    }),
  ),
  key: z.object({ keyId: z.string(), publicKeyPem: z.string() }),
  signature: z.string(),
});
export type Manifest = z.infer<typeof Manifest>;
export type ManifestFile = Manifest['files'][number];

const textOf = ({ signature: _signature, ...rest }: Manifest): string => JSON.stringify(rest);

export function signedManifest(
  content: Omit<Manifest, 'format' | 'key' | 'signature'>,
  signer: Signer,
): Manifest {
  const { createdAt, journal, openAlerts, files } = content;
  const key = { keyId: signer.keyId, publicKeyPem: signer.publicKeyPem };
  const bare = { format: EXPORT_FORMAT, createdAt, journal, openAlerts, files, key } as const;
  const unsigned: Manifest = { ...bare, signature: '' };
  return { ...unsigned, signature: signer.sign(textOf(unsigned)) };
}

/** By its own key alone this says that nothing was altered by chance; by a known one, by nobody. */
export const isManifestGenuine = (manifest: Manifest, publicKeyPem: string): boolean =>
  isSignedBy(publicKeyPem, textOf(manifest), manifest.signature);
