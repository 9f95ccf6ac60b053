import { test } from "vitest";
import { type Need, requires } from "../setup/requires.ts";
import { Lab } from "./lab.ts";

/**
 * A test with a lab of its own, which is gone afterwards, however the test ended. Skipped, with the reason, on a machine
 * that has not what it needs. When it fails, what the lab's observers saw is printed.
 */
export function labTestNeeding(...needs: readonly Need[]) {
  return test.extend<{ lab: Lab }>({
    lab: async ({ skip, onTestFailed }, use) => {
      requires("lab", ...needs)({ skip });
      const lab = await Lab.create();
      onTestFailed(() => console.error(lab.report()));
      try {
        await use(lab);
      } finally {
        await lab.close();
      }
    },
  });
}
