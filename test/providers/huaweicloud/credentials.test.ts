import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AgencyCredentials } from "../../../providers/huaweicloud/credentials.ts";
import { MetadataService } from "../../../providers/huaweicloud/metadata.ts";
import { manualClock } from "../../cloud/base/clock.ts";
import { type HuaweiEmulator, startHuaweiEmulator } from "../../cloud/huaweicloud/emulator.ts";
import { live, refusalOf } from "./against-emulator.ts";

const MINUTE_MS = 60_000;
let emulator: HuaweiEmulator;
let clock: ReturnType<typeof manualClock>;
let credentials: AgencyCredentials;

beforeEach(async () => {
  clock = manualClock();
  emulator = await startHuaweiEmulator({ clock });
  const [serverId = ""] = Object.keys(emulator.state().servers);
  credentials = new AgencyCredentials(new MetadataService(emulator.metadataUrl(serverId)), clock.now);
});

afterEach(() => emulator.close());

const access = async () => (await credentials.current(live())).access;
const fetches = () => emulator.journal.entries({ action: "/openstack/latest/securitykey" }).length;

describe("the credentials of an agency", () => {
  it("are fetched once, however many calls start at the same time", async () => {
    const keys = await Promise.all([access(), access(), access()]);
    expect([new Set(keys).size, fetches()]).toEqual([1, 1]);
    clock.advance(50 * MINUTE_MS);
    await access();
    expect(fetches()).toBe(1);
  });

  it("are renewed before they end, while calls go on with the old ones", async () => {
    const old = await access();
    clock.advance(53 * MINUTE_MS);
    expect(await access()).toBe(old);
    await vi.waitFor(async () => expect(await access()).not.toBe(old), { timeout: 10_000 });
    expect(fetches()).toBe(2);
  });

  it("serve until their end while the metadata service is down, and are renewed when it is back", async () => {
    const old = await access();
    emulator.faults.inject({ kind: "metadata-down" });
    clock.advance(59 * MINUTE_MS);
    expect(await access()).toBe(old);
    clock.advance(MINUTE_MS);
    expect((await refusalOf(access())).facts.kind).toBe("unreachable");
    emulator.faults.clear();
    expect(await access()).not.toBe(old);
  });

  it("are not waited for by a call that is no longer wanted", async () => {
    emulator.faults.inject({ kind: "hang", surface: "metadata" });
    const abort = new AbortController();
    const outcome = refusalOf(credentials.current(abort.signal));
    abort.abort(new Error("mastership lost"));
    expect((await outcome).message).toBe("mastership lost");
  });

  it("are fetched anew when the cloud refused them", async () => {
    const key = await credentials.current(live());
    expect(credentials.discard(key)).toBe(true);
    emulator.expireCredentials();
    expect(await access()).not.toBe(key.access);
  });
});
