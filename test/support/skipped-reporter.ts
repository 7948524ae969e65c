import type { Reporter, TestModule } from 'vitest/node';

/** Says at the end which files left tests out, and why where it is for want of a server. */
export class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => {
      const count = [...module.children.allTests('skipped')].length;
      return count === 0 ? [] : [`  ${module.relativeModuleId} (${count})`];
    });
    if (skipped.length === 0) return;
    const reason = process.env.TRINO_URL
      ? ''
      : ' TRINO_URL is not set, so those on a real Trino were: eval "$(scripts/trino start)" starts one.';
    console.log(`\nSkipped tests.${reason}\n${skipped.sort().join('\n')}\n`);
  }
}
