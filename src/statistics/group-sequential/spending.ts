import { assertNever } from '../../core/errors.ts';
import { assertProbability } from '../alternative.ts';
import { normalSf, normalUpperQuantile } from '../distributions.ts';

/** How the error is spread over the information: how much of it may be used up when a given share has been collected. */
export type Spending =
  /** Almost nothing early: boundaries close to O'Brien & Fleming's (1979). */
  | { readonly kind: 'OBRIEN_FLEMING' }
  /** About as much at every look: boundaries close to Pocock's (1977). */
  | { readonly kind: 'POCOCK' }
  /** error·t^rho (Kim & DeMets 1987): rho 1 is linear, 3 resembles O'Brien & Fleming; spotify-confidence uses 2. */
  | { readonly kind: 'POWER'; readonly rho: number };

/**
 * Error of one side that is used up at a share t of the planned information, 0 < t; beyond 1 all of it. From Lan & DeMets
 * (1983), with e the whole error of the side:
 *
 *   OBRIEN_FLEMING  2·P(Z > z_(e/2)/√t)      POCOCK  e·ln(1 + (e₁ − 1)·t), e₁ = 2.718…      POWER  e·t^rho
 */
export function errorSpent(spending: Spending, error: number, t: number): number {
  assertProbability('The error of a side', error);
  if (!(t > 0)) throw new RangeError(`Error is spent at information above 0, not ${t}.`);
  if (t >= 1) return error;
  switch (spending.kind) {
    case 'OBRIEN_FLEMING':
      return Math.min(error, 2 * normalSf(normalUpperQuantile(error / 2) / Math.sqrt(t)));
    case 'POCOCK':
      return Math.min(error, error * Math.log1p((Math.E - 1) * t));
    case 'POWER':
      if (!(spending.rho > 0)) throw new RangeError(`rho must be above 0, not ${spending.rho}.`);
      return error * t ** spending.rho;
    default:
      return assertNever(spending);
  }
}
