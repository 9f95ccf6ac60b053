import { defineConfig } from "vitest/config";
import { SkipReporter } from "./test/setup/skip-reporter.ts";

/** Tests with packets, real timers and real processes. */
const LAB_TESTS = [
  "test/lab/**/*.test.ts",
  "test/interop/**/*.test.ts",
  "test/linux/**/*.test.ts",
  "test/commands/run*.test.ts",
];

export default defineConfig({
  test: {
    pool: "forks",
    reporters: ["default", new SkipReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: LAB_TESTS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "lab",
          include: LAB_TESTS,
          // One at a time, and after the unit tests: what a lab measures must not compete for two cores.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
