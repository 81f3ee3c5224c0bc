import { benchDurable } from './durable.ts';
console.log(JSON.stringify(await benchDurable()));
process.exit(0);
