import { describe, expect, it } from "vitest";
import { Outbox } from "../../src/service/outbox.ts";
import type { ToService } from "../../src/service/thread-messages.ts";
import { FAULT, httpChannel, occurrence, TOOK_OVER } from "../notify/samples.ts";

const CONFIG = { spoolDirectory: "/nowhere", channels: [httpChannel()] };

function newOutbox() {
  const sent: ToService[] = [];
  let lost = 0;
  const outbox = new Outbox(
    (message) => sent.push(message),
    () => lost++,
  );
  return { outbox, sent, lost: () => lost };
}

describe("the outbox", () => {
  it("tells a new thread again what the old one did not take over", () => {
    const { outbox, sent } = newOutbox();
    outbox.configure(CONFIG);
    outbox.tell(occurrence(TOOK_OVER));
    outbox.tell(occurrence(FAULT));
    outbox.told(1);
    sent.length = 0;
    outbox.startOver();
    expect(sent).toEqual([
      { kind: "notify", config: CONFIG },
      { kind: "tell", id: 2, occurrence: occurrence(FAULT) },
    ]);
  });

  it("gives up the oldest when a thread takes nothing for long", () => {
    const { outbox, sent, lost } = newOutbox();
    for (let n = 0; n < 1_003; n++) outbox.tell(occurrence(FAULT));
    expect(lost()).toBe(3);
    sent.length = 0;
    outbox.startOver();
    expect(sent).toHaveLength(1_000);
    expect(sent[0]).toMatchObject({ id: 4 });
  });

  it("waits at the end for what can be delivered at once", async () => {
    const { outbox, sent } = newOutbox();
    outbox.configure(CONFIG);
    const drained = outbox.drain();
    expect(sent.at(-1)).toEqual({ kind: "drain" });
    outbox.drained();
    await drained;
  });

  it("does not wait where nobody is to be told", async () => {
    const { outbox, sent } = newOutbox();
    await outbox.drain();
    expect(sent).toEqual([]);
  });
});
