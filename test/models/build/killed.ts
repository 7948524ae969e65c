import { type Place, runAt } from './world.ts';

/**
 * A run that ends itself by SIGKILL at a step, or that somebody else kills: `PLACE` (JSON), `AS_OF`, `KILL_AT` (a step; empty: none).
 * Says "ready" when all is loaded, "done" when it was not killed.
 */
const { PLACE = '', AS_OF = '', KILL_AT = '' } = process.env;
process.stdout.write('ready\n');
await runAt(JSON.parse(PLACE) as Place, AS_OF, {
  onStep: (step) => {
    if (step === KILL_AT) process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write('done\n');
