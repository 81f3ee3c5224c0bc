import { cutConsole } from './cut-console.ts';
import { deadDisk } from './dead-disk.ts';
import { reordered, tripled } from './disordered.ts';
import type { Fault } from './fault.ts';
import { frozenServer } from './frozen-server.ts';
import { fullDisk } from './full-disk.ts';
import { killBroker } from './kill-broker.ts';
import { killServer } from './kill-server.ts';
import { largeRestart } from './large-restart.ts';
import { limitsNear } from './limits-near.ts';
import { longOutage } from './long-outage.ts';
import { poison, poisonOrder } from './poison.ts';
import { freezePostgres, killPostgres } from './postgres-faults.ts';
import { powerLoss } from './power-loss.ts';
import { flood, slowConsole } from './pressure.ts';
import { reconnectStorm } from './reconnect-storm.ts';
import { replayedTrack } from './replayed-track.ts';
import { restoreDrill } from './restore-drill.ts';
import { serverClock } from './server-clock.ts';
import { silentDevices, silentVictim } from './silence.ts';
import { jammed, teleport, wrongDeviceClock } from './untrue-places.ts';

/** In the order of RELIABILITY §7; what that table does not have comes last. */
export const ALL_FAULTS: readonly Fault[] = [
  killServer,
  powerLoss,
  killBroker,
  killPostgres,
  freezePostgres,
  fullDisk,
  deadDisk,
  frozenServer,
  poison,
  poisonOrder,
  tripled,
  reordered,
  longOutage,
  replayedTrack,
  silentDevices,
  silentVictim,
  jammed,
  teleport,
  serverClock,
  wrongDeviceClock,
  cutConsole,
  slowConsole,
  reconnectStorm,
  flood,
  limitsNear,
  restoreDrill,
  largeRestart,
];
