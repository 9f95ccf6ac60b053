import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Millis, millis } from "../../src/base/units.ts";
import type { ChannelConfig } from "../../src/config/notify-config.ts";
import type { Message } from "../../src/notify/channels/channel-type.ts";
import { Notifier } from "../../src/notify/notifier.ts";
import { DELIVERED, type Outcome } from "../../src/notify/outcome.ts";
import { httpChannel } from "./samples.ts";

/** A notifier in a world of its own: the clock stands still until it is moved, and receivers answer as they are told. */
export class World {
  readonly directory = mkdtempSync(join(tmpdir(), "cloudvip-notify-"));
  readonly sent: { readonly channel: string; readonly at: number; readonly message: Message }[] = [];
  readonly logged: string[] = [];
  /** What a receiver answers; by default it takes everything. */
  answer: (channel: string) => Outcome | Promise<Outcome> = () => DELIVERED;
  rate = { perMinute: 1_000, gap: millis(0) };
  notifier: Notifier;
  #now = 0;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];

  constructor() {
    this.notifier = this.#start();
  }

  configure(channels: readonly ChannelConfig[] = [httpChannel()]): void {
    this.notifier.configure({ spoolDirectory: this.directory, channels });
  }

  /** The process ends without a word, and another one starts. */
  kill(): void {
    this.notifier.close();
    this.#timers = [];
    this.notifier = this.#start();
  }

  /** Lets time pass, with everything that is due in it. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settled();
    }
    this.#now = end;
  }

  /** What one channel got, as titles by message. */
  titles(channel = "ops"): readonly (readonly string[])[] {
    return this.sent
      .filter((entry) => entry.channel === channel)
      .map(({ message }) => message.reports.map(({ title }) => title));
  }

  close(): void {
    this.notifier.close();
    rmSync(this.directory, { recursive: true });
  }

  #start(): Notifier {
    return new Notifier({
      now: () => this.#now as Millis,
      timeOfDay: () => Date.parse("2026-11-20T12:00:00Z") + this.#now,
      random: () => 0,
      setTimer: (delay, callback) => {
        const timer = { at: this.#now + delay, callback };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
        };
      },
      senderFor: ({ name }) => ({
        rate: this.rate,
        batchMax: 50,
        send: async (message) => {
          const outcome = await this.answer(name);
          this.sent.push({ channel: name, at: this.#now, message });
          return outcome;
        },
      }),
      log: (level, text) => this.logged.push(`${level} ${text}`),
    });
  }
}

/** Everything that waits for no clock has run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
