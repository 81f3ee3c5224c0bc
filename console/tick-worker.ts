import { TICK_MS } from './tick.ts';

setInterval(() => postMessage(null), TICK_MS);
