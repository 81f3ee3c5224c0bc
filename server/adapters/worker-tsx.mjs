import { register } from 'tsx/esm/api';

// Plain JavaScript: this is what makes a thread of Node 20 read TypeScript. It then runs the module
// that it was started for.
register();
await import(process.argv[2]);
