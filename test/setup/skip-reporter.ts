import type { Reporter, TestModule } from "vitest/node";

/**
 * Ends the run's output with the reason of every skipped test, each reason once, and with one line that programs can read:
 * `N passed, N failed, N skipped`.
 */
export class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const reasons = new Map<string, number>();
    for (const module of modules) {
      // A file that cannot be loaded has no tests that could fail.
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "pending") continue;
        counts[result.state] += 1;
        if (result.state !== "skipped") continue;
        const reason = result.note ?? "no reason given";
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, count] of reasons) console.log(`skipped ${count} ${plural(count)}: ${reason}`);
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}

function plural(count: number): string {
  return count === 1 ? "test" : "tests";
}
