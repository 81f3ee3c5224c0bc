import { type Job, runJob } from './job.ts';

/** A process that does one piece of work after the other, until its parent lets it go. */
process.on('message', (job: Job) => process.send?.(runJob(job)));
process.on('disconnect', () => process.exit());
