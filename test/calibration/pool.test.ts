import { expect, test } from 'vitest';
import { FAMILIES, SEED } from '../../calibration/families.ts';
import { runAll } from '../../calibration/pool.ts';
import { runSimulation } from '../../calibration/tally.ts';

test('one worker, two workers and none give the same figures', async () => {
  const simulations = FAMILIES.flatMap((family) => family.simulations).filter(({ name }) =>
    /^SRM|^power: units/u.test(name),
  );
  const [one, two] = await Promise.all(
    [1, 2].map((workers) => runAll(simulations, { seed: SEED, workers, scale: 0.06 })),
  );
  const inThisThread = new Map(simulations.map((one_) => [one_.name, runSimulation(one_, SEED, 0.06)]));
  expect(one!.size).toBe(simulations.length);
  for (const { name } of simulations) {
    expect(one!.get(name)).toEqual(inThisThread.get(name));
    expect(two!.get(name)).toEqual(inThisThread.get(name));
  }
});

test('names are unique: a seed hangs on each', () => {
  const names = FAMILIES.flatMap((family) => family.simulations.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
});
