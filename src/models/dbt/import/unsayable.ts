/** Why something of dbt's has no counterpart in a catalog, as a predicate. */
export class Unsayable extends Error {}
