import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asymptoticSequence } from '../../src/statistics/sequential.ts';
import {
  approximateMixturePrecision,
  mixturePrecision,
  mixtureSequence,
} from '../../src/statistics/sequential-mixture.ts';
import { known, numbersIn } from './samples.ts';

const alphas = fc.constantFrom(1e-10, 0.001, 0.01, 0.05, 0.2, 0.9);
const tuning = { alpha: 0.05, information: 100 };
const look = { estimate: 0.3, standardError: 0.1, alpha: 0.05, precision: 12 };
const halfWidth = (standardError: number, precision: number, alpha: number) =>
  known(mixtureSequence({ estimate: 0, standardError, alpha, precision })).interval.upper!;

describe('mixturePrecision', () => {
  test('makes the interval narrowest at its information', () => {
    fc.assert(
      fc.property(alphas, fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (alpha, information) => {
        const rho = mixturePrecision({ alpha, information });
        const at = (precision: number) => halfWidth(1 / Math.sqrt(information), precision, alpha);
        expect(at(rho)).toBeLessThan(at(rho * 1.01));
        expect(at(rho)).toBeLessThan(at(rho / 1.01));
        expect(at(approximateMixturePrecision({ alpha, information }))).toBeGreaterThanOrEqual(at(rho) * (1 - 1e-15));
      }),
    );
  });

  test('solves s − ln(1 + s) = −2 ln α', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 0.9999, noNaN: true }), (alpha) => {
        const s = 1 / mixturePrecision({ alpha, information: 1 });
        expect(Math.abs(s - Math.log1p(s) + 2 * Math.log(alpha))).toBeLessThan(1e-12 * Math.max(1, s));
      }),
    );
  });

  test.each([
    [{ alpha: 1, information: 1 }],
    [{ alpha: 0.05, information: 0 }],
    [{ alpha: 0.05, information: Number.POSITIVE_INFINITY }],
  ])('%o is a bug', (bad) => {
    expect(() => mixturePrecision(bad)).toThrow(RangeError);
    expect(() => approximateMixturePrecision(bad)).toThrow(RangeError);
  });
});

describe('mixtureSequence', () => {
  test('is the asymptotic sequence when information is counted in units', () => {
    const units = fc.integer({ min: 10, max: 1e8 });
    fc.assert(
      fc.property(units, fc.double({ min: -5, max: 5, noNaN: true }), alphas, (n, estimate, alpha) => {
        const variance = 7;
        const standardError = Math.sqrt(variance / n);
        const precision = approximateMixturePrecision({ alpha, information: 5000 / variance });
        const mixture = known(mixtureSequence({ estimate, standardError, alpha, precision }));
        const other = known(asymptoticSequence({ estimate, standardError, units: n, alpha, tuningUnits: 5000 }));
        expect(mixture.interval.lower).toBeCloseTo(other.interval.lower!, 9);
        expect(mixture.interval.upper).toBeCloseTo(other.interval.upper!, 9);
        expect(Math.abs(mixture.pValue - other.pValue)).toBeLessThanOrEqual(1e-8 * other.pValue);
      }),
    );
  });

  test('the interval excludes 0 exactly when p is below alpha, and is wider than the fixed one', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: 1e-3, max: 1, noNaN: true }),
        fc.constantFrom(0.01, 0.05, 0.1),
        (estimate, standardError, alpha) => {
          const { interval, pValue } = known(mixtureSequence({ ...look, estimate, standardError, alpha }));
          expect(interval.upper! - estimate).toBeGreaterThan(1.64 * standardError);
          if (Math.abs(pValue / alpha - 1) < 1e-9) return;
          expect(interval.lower! > 0 || interval.upper! < 0).toBe(pValue < alpha);
        },
      ),
    );
  });

  test('a change of unit changes nothing but the unit; swapping the arms turns the interval', () => {
    const plain = known(mixtureSequence(look));
    const cents = known(mixtureSequence({ ...look, estimate: 30, standardError: 10, precision: 12 / 1e4 }));
    expect(cents.pValue).toBeCloseTo(plain.pValue, 14);
    expect(cents.interval.upper! / 100).toBeCloseTo(plain.interval.upper!, 14);
    const swapped = known(mixtureSequence({ ...look, estimate: -0.3 }));
    expect(swapped.interval.lower).toBe(-plain.interval.upper!);
    expect(swapped.pValue).toBe(plain.pValue);
  });

  test('a huge z does not overflow, and a p-value is 0 only where it underflows', () => {
    expect(known(mixtureSequence({ ...look, estimate: 3.7 })).pValue).toBeGreaterThan(0);
    expect(known(mixtureSequence({ ...look, estimate: 1e5 })).pValue).toBe(0);
  });

  test.each([
    [{ standardError: 0 }, 'ZERO_VARIANCE'],
    [{ estimate: 1e300, standardError: 1e-300 }, 'OVERFLOW'],
    [{ standardError: 1e-200 }, 'OVERFLOW'],
    [{ standardError: 1e200 }, 'OVERFLOW'],
    [{ estimate: Number.NaN }, 'OVERFLOW'],
  ])('%o is refused', (change, reason) => {
    expect(mixtureSequence({ ...look, ...change })).toEqual({ ok: false, reason });
  });

  test('a precision that is not above 0 is a bug', () => {
    expect(() => mixtureSequence({ ...look, precision: 0 })).toThrow(RangeError);
    expect(() => mixtureSequence({ ...look, alpha: 0 })).toThrow(RangeError);
  });

  test('under 100 looks the error stays below 5 % (and the z test at each look does not: the negative control)', () => {
    const precision = mixturePrecision({ ...tuning, information: 50 });
    let state = 7;
    const uniform = () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
    };
    const simulations = 2000;
    let [crossed, naive] = [0, 0];
    for (let simulation = 0; simulation < simulations; simulation++) {
      let [score, alarm, peeked] = [0, false, false];
      for (let v = 1; v <= 100; v++) {
        score += Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
        const at = { estimate: score / v, standardError: 1 / Math.sqrt(v), alpha: 0.05, precision };
        alarm ||= known(mixtureSequence(at)).pValue < 0.05;
        peeked ||= Math.abs(score) > 1.96 * Math.sqrt(v);
      }
      crossed += alarm ? 1 : 0;
      naive += peeked ? 1 : 0;
    }
    expect(crossed / simulations).toBeLessThan(0.05);
    expect(crossed / simulations).toBeGreaterThan(0.005);
    expect(naive / simulations).toBeGreaterThan(0.3);
  });

  test('only finite numbers come out', () => {
    const any = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(any, any, (estimate, se) => {
        const result = mixtureSequence({ ...look, estimate, standardError: Math.abs(se) });
        expect(numbersIn(result).every(Number.isFinite)).toBe(true);
      }),
    );
  });
});
