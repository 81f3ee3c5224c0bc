import { register } from 'tsx/esm/api';

// Plain JavaScript: this is what makes a thread of Node 20 read TypeScript.
register();
await import('./store-sqlite-worker.ts');
