import { parseArgs } from 'node:util';
import type { FleetRow } from './rows.ts';
import { runFleet } from './run-fleet.ts';

/** `npx tsx calibration/fleet/main.ts [--runs-scale 1] [--seed 1] [--only text] [--workers n] [--json]`; exit 1: a promise is missed. */
const { values } = parseArgs({
  options: {
    'runs-scale': { type: 'string', default: '1' },
    seed: { type: 'string', default: '20260601' },
    only: { type: 'string', default: '' },
    workers: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const rows = await runFleet({
  runsScale: Number(values['runs-scale']),
  seed: Number(values.seed),
  only: (scenario) => scenario.includes(values.only),
  ...(values.workers === undefined ? {} : { workers: Number(values.workers) }),
  onProgress: (done, all) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done}/${all}${done === all ? '\n' : ''}`);
  },
});
console.log(values.json ? JSON.stringify(rows, null, 2) : table(rows));
if (rows.some(({ pass }) => pass === false)) process.exitCode = 1;

function table(all: readonly FleetRow[]): string {
  const share = (value: number | null) => (value === null ? '' : value.toFixed(4));
  return [...new Set(all.map(({ scenario }) => scenario))]
    .map((name) => {
      const own = all.filter(({ scenario }) => scenario === name);
      const verdicts = Object.entries(own[0]!.verdicts).sort(([, a], [, b]) => b - a);
      return [
        `${name} (${own[0]!.runs} runs)`,
        ...own.map(({ promise, rate, band, pass }) => {
          const said = pass === null ? '    ' : pass ? 'met ' : 'MISS';
          return `  ${said} ${share(rate)}  [${share(band.low)}, ${share(band.high)}]  ${promise}`;
        }),
        ...(verdicts.length === 0
          ? []
          : [`  at the last look: ${verdicts.map(([key, one]) => `${key} ${share(one)}`).join(', ')}`]),
      ].join('\n');
    })
    .join('\n');
}
