import { compareInstants } from '../core/instant.ts';
import type { MetricVersion } from './catalog.ts';
import type { LoadContext } from './load-context.ts';

/** Versions of a metric by number; numbers that are given twice and validity that runs backwards are faults. */
export function orderVersions(
  versions: readonly MetricVersion[],
  subject: string,
  { faults }: LoadContext,
): readonly MetricVersion[] {
  const ordered = [...versions].sort((a, b) => a.number - b.number);
  let dated: MetricVersion | null = null;
  ordered.forEach((version, index) => {
    const before = ordered[index - 1];
    if (before?.number === version.number) {
      const later = versions.indexOf(before) > versions.indexOf(version) ? before : version;
      faults.add('CAT_VERSION', later.place, {
        subject,
        rule: `has two versions with the number ${version.number}; give one another number`,
      });
    }
    if (version.validFrom === null) return;
    if (dated !== null && compareInstants(dated.validFrom!, version.validFrom) >= 0) {
      const rule = `has version ${version.number} valid from ${version.validFrom}, which is not after version ${dated.number} (${dated.validFrom}); a later version must start later`;
      faults.add('CAT_VERSION', version.place, { subject, rule });
    }
    dated = version;
  });
  return ordered;
}
