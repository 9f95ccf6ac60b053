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
    setupFiles: ["test/setup/properties.ts"],
    reporters: ["default", new SkipReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: LAB_TESTS,
          sequence: { groupOrder: 0 },
          // No time limit on a property that a busy machine proves slowly, but an end for one that hangs.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "lab",
          include: LAB_TESTS,
          // After the unit tests, which take both cores. Labs mostly wait for timers, so a few share the machine.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
