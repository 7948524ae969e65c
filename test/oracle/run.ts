import { fileURLToPath } from 'node:url';
import { FAMILIES, STILL_TO_COME } from './families.ts';
import { loadCases, runOracle } from './oracle.ts';

const directory = process.env.ORACLE_DIR ?? fileURLToPath(new URL('./cases', import.meta.url));
const reports = await runOracle(loadCases(directory), FAMILIES, STILL_TO_COME);

const row = (cells: readonly (string | number)[]) =>
  cells.map((cell, i) => (i === 0 ? String(cell).padEnd(30) : String(cell).padStart(16))).join('');
console.log(row(['family', 'cases', 'passed', 'failed', 'not offered', 'still to come']));
for (const { family, cases, passed, failed, notOffered, stillToCome } of reports) {
  console.log(
    row(stillToCome ? [family, cases, '-', '-', '-', cases] : [family, cases, passed, failed, notOffered, 0]),
  );
}
const total = (of: (report: (typeof reports)[number]) => number) =>
  reports.reduce((sum, report) => sum + of(report), 0);
const failed = total((report) => report.failed);
console.log(
  row([
    'all',
    total((report) => report.cases),
    total((report) => report.passed),
    failed,
    total((report) => report.notOffered),
    total((report) => (report.stillToCome ? report.cases : 0)),
  ]),
);
for (const { id, key, expected, got } of reports.flatMap((report) => report.failures)) {
  console.log(`FAILED ${id} ${key}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
}
if (reports.length === 0) console.log(`No cases in ${directory}.`);
process.exitCode = failed > 0 || reports.length === 0 ? 1 : 0;
