import type { ChannelSnapshot } from "../status/snapshot.ts";
import type { Outcome } from "./outcome.ts";

type ChannelCounts = Pick<ChannelSnapshot, "delivered" | "retried" | "merged" | "dropped">;

/** Why a notification is given up: the newer ones need the room, nobody acts on it any more, or the receiver never takes it. */
type DropReason = "queue-full" | "too-old" | "rejected";

/** What became of the notifications of one channel since the service thread started. */
export class ChannelTally {
  #delivered = 0;
  #retried = 0;
  #merged = 0;
  readonly #dropped: Record<DropReason, number> = { "queue-full": 0, "too-old": 0, rejected: 0 };

  dropped(count: number, reason: DropReason): void {
    this.#dropped[reason] += count;
  }

  /** One message with `count` notifications in it was tried. */
  attempted({ kind }: Outcome, count: number): void {
    switch (kind) {
      case "delivered":
        this.#delivered += count;
        this.#merged += count - 1;
        return;
      case "rejected":
        this.dropped(count, "rejected");
        return;
      case "failed":
      case "refused":
        this.#retried++;
    }
  }

  counts(): ChannelCounts {
    const [delivered, retried, merged] = [this.#delivered, this.#retried, this.#merged];
    return { delivered, retried, merged, dropped: { ...this.#dropped } };
  }
}
