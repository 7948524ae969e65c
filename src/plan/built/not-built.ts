/** The tables of the models do not hold what they were asked for: raw sources are read instead. */
export class NotBuilt extends Error {
  override readonly name = 'NotBuilt';
  constructor(what: string) {
    super(`The tables of the models do not hold ${what}.`);
  }
}
