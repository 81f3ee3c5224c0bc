import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { signingKey } from '../../server/adapters/signing-key.ts';
import { isSignedBy } from '../../server/evidence/signature.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cordon-key-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a data folder keeps its key, readable by its owner only', () => {
  const first = signingKey(dir);
  expect(signingKey(dir).keyId).toBe(first.keyId);
  expect(statSync(join(dir, 'signing-key.pem')).mode & 0o777).toBe(0o600);
});

test('a signature holds for its text and its key alone', () => {
  const key = signingKey(join(dir, 'a'));
  const other = signingKey(join(dir, 'b'));
  const signature = key.sign('all is well');
  expect(isSignedBy(key.publicKeyPem, 'all is well', signature)).toBe(true);
  expect(isSignedBy(key.publicKeyPem, 'all is well?', signature)).toBe(false);
  expect(isSignedBy(other.publicKeyPem, 'all is well', signature)).toBe(false);
  expect(isSignedBy(key.publicKeyPem, 'all is well', 'AAAA')).toBe(false);
  expect(isSignedBy('no key', 'all is well', signature)).toBe(false);
});
