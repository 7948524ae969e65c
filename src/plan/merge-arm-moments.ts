import { mergeMoments } from '../core/moments.ts';
import type { ArmCapping, ArmMoments, ArmShape, JointMoments } from './answer.ts';

/** The units of two parts of an arm together: of two strata or slices. Thresholds are the same in both, and order statistics are not put together. */
export function mergeArmMoments(a: ArmMoments, b: ArmMoments): ArmMoments {
  return {
    variant: a.variant,
    slice: a.slice,
    order: a.order,
    exposed: a.exposed + b.exposed,
    moments: mergeMoments(a.moments, b.moments),
    joint: both(a.joint, b.joint, mergeJoint),
    shape: both(a.shape, b.shape, mergeShapes),
    capping: both(a.capping, b.capping, mergeCapping),
    unitsWithValue: both(a.unitsWithValue, b.unitsWithValue, plus),
    invalidRows: both(a.invalidRows, b.invalidRows, plus),
    rowsBelowMinimum: both(a.rowsBelowMinimum, b.rowsBelowMinimum, plus),
  };
}

const plus = (a: number, b: number): number => a + b;

function both<T>(a: T | null, b: T | null, merge: (a: T, b: T) => T): T | null {
  return a === null || b === null ? null : merge(a, b);
}

function mergeJoint(a: JointMoments, b: JointMoments): JointMoments {
  return {
    moments: mergeMoments(a.moments, b.moments),
    unitsWithCovariate: a.unitsWithCovariate + b.unitsWithCovariate,
  };
}

function mergeShapes(a: ArmShape, b: ArmShape): ArmShape {
  const extreme = (of: typeof Math.min, x: number | null, y: number | null) =>
    x === null ? y : y === null ? x : of(x, y);
  return {
    cubes: a.cubes + b.cubes,
    smallest: extreme(Math.min, a.smallest, b.smallest),
    largest: extreme(Math.max, a.largest, b.largest),
  };
}

function mergeCapping(a: ArmCapping, b: ArmCapping): ArmCapping {
  return { ...a, cappedUnits: a.cappedUnits + b.cappedUnits, uncapped: mergeMoments(a.uncapped, b.uncapped) };
}
