import { describe, expect } from "vitest";
import { labTestNeeding } from "./lab-test.ts";

const labTest = labTestNeeding();

describe("a lab", () => {
  labTest("links every host to every other", async ({ lab }) => {
    const [a, b] = await Promise.all([lab.host("a"), lab.host("b")]);
    await expect(a.exec("ping", "-q", "-c", "1", b.address)).resolves.toContain("1 received");
  });
});
