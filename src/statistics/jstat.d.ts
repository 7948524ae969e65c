/** The part of jstat 1.9.6 (which ships no types) that `distributions.ts` uses. */
declare module 'jstat' {
  const jStat: {
    /** ln Γ(x), x > 0. Measured relative error ≤ 8e-14. */
    gammaln(x: number): number;
  };
  export default jStat;
}
