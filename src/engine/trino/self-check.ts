import { MetricLayerError } from '../../core/errors.ts';
import { unauthorized } from './authorization.ts';
import { converse, type Wire } from './conversation.ts';
import { startLifetime } from './lifetime.ts';

const TIMEOUT_MS = 10_000;
const TRIES = 5;

/**
 * Asks Trino who it takes the service for. With impersonation it must be the user that was named: a cluster that runs
 * everything as the service's own user would show everyone everything. Errors name the server; they are for the operator.
 */
export async function checkServer(wire: Wire): Promise<void> {
  const { impersonate, probe, user: principal } = wire.options;
  const user = impersonate ? probe : principal;
  const current = await currentUser({ ...wire, tries: TRIES }, user);
  if (impersonate && current !== probe)
    throw unauthorized(
      `Trino at ${originOf(wire)} was asked to run a query as ${probe}, but ran it as ${current ?? 'nobody'}. Let ${principal} impersonate users, or switch impersonation off.`,
    );
}

async function currentUser(wire: Wire, user: string): Promise<string | null> {
  const lifetime = startLifetime(TIMEOUT_MS, undefined);
  try {
    const statement = 'select current_user as "user"';
    const { rows } = await converse(wire, { statement, user, labels: { purpose: 'self-check' }, lifetime });
    return rows[0] === undefined ? null : String(rows[0].user);
  } catch (error) {
    throw error instanceof MetricLayerError ? named(error, wire, user) : error;
  } finally {
    lifetime.end();
  }
}

function named(error: MetricLayerError, wire: Wire, user: string): MetricLayerError {
  const code = error.code === 'ENGINE_TIMEOUT' ? 'ENGINE_UNAVAILABLE' : error.code;
  const said = typeof error.details.reason === 'string' ? `${error.details.reason}.` : error.message;
  const what = code === 'ENGINE_UNAVAILABLE' ? 'does not answer as it should' : 'refuses the first query';
  const remedy = error.details.errorName === 'PERMISSION_DENIED' ? ` ${remedyOf(wire.options, user)}` : '';
  return new MetricLayerError(code, `The engine's server ${originOf(wire)} ${what}: ${said}${remedy}`, {
    cause: error,
    details: { ...error.details },
  });
}

/** The credentials were accepted: they are those of somebody who may not run queries as the user that was asked for. */
function remedyOf({ impersonate, user: principal }: Wire['options'], user: string): string {
  return impersonate
    ? `Let ${principal} impersonate users, ${user} among them, or switch impersonation off.`
    : `Set \`user\` to whom the credentials are of, or let them impersonate ${user}.`;
}

function originOf({ options }: Wire): string {
  return new URL(options.server).origin;
}
