/**
 * Notifications in the service thread: from what the agent reports to the receivers. What is worth telling is on disk before
 * it is sent, and leaves the disk when each of its channels has it.
 */
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { after, type Millis, millis } from "../base/units.ts";
import type { ChannelConfig, NotifyConfig } from "../config/notify-config.ts";
import type { ChannelSnapshot } from "../status/snapshot.ts";
import { Channel, type ChannelPorts } from "./channel.ts";
import type { Queued } from "./channel-queue.ts";
import { Editor } from "./editor.ts";
import { isTransition, type Notification, type Occurrence } from "./notification.ts";
import { withoutUrlSecrets } from "./redact.ts";
import type { Sender } from "./sender.ts";
import { Spool } from "./spool.ts";

/** Where no cloud has to answer, a takeover is through within this time, and its phases go out in the same message. */
const PHASES_WAIT: Millis = millis(5);
/** Longer texts, such as the output of a check, are cut before they are stored. */
const TEXT_CHARACTERS_MAX = 2_000;

export interface NotifierPorts extends Pick<ChannelPorts, "now" | "setTimer" | "random"> {
  /** Milliseconds since 1970. */
  readonly timeOfDay: () => number;
  readonly senderFor: (channel: ChannelConfig) => Sender;
  readonly log: (
    level: "debug" | "info" | "warn",
    message: string,
    facts?: Readonly<Record<string, unknown>>,
  ) => void;
}

export class Notifier {
  readonly #ports: NotifierPorts;
  readonly #editor: Editor;
  #channels: readonly Channel[] = [];
  #spool: { readonly directory: string; readonly file: Spool } | undefined;

  constructor(ports: NotifierPorts) {
    this.#ports = ports;
    this.#editor = new Editor({ newId: randomUUID });
  }

  /** Opens the channels; what an earlier run left on disk is sent. A channel that did not change goes on undisturbed. */
  configure({ spoolDirectory, channels }: NotifyConfig): void {
    const kept = this.#channels.filter(({ config }) =>
      channels.some((wanted) => isDeepStrictEqual(wanted, config)),
    );
    for (const channel of this.#channels) if (!kept.includes(channel)) channel.close();
    const spool = this.#openSpool(spoolDirectory);
    const added = channels
      .filter((wanted) => !kept.some(({ config }) => isDeepStrictEqual(wanted, config)))
      .map((config) => this.#openChannel(config, spool));
    this.#channels = [...kept, ...added];
    this.#resume(spool, added);
  }

  /** Something happened; usually nobody needs to be told. */
  accept(occurrence: Occurrence): void {
    for (const notification of this.#editor.take(occurrence, this.#ports.now())) this.#publish(notification);
  }

  snapshot(): readonly ChannelSnapshot[] {
    return this.#channels.map((channel) => channel.snapshot());
  }

  /** Resolves when everything is delivered that can be at once; what is left waits on the disk. */
  async drained(): Promise<void> {
    await Promise.all(this.#channels.map((channel) => channel.drained()));
  }

  close(): void {
    for (const channel of this.#channels) channel.close();
    this.#spool?.file.close();
  }

  #publish(notification: Notification): void {
    const channels = this.#channels.filter((channel) => channel.accepts(notification));
    if (channels.length === 0 || !this.#spool) return;
    const json = toJson(notification);
    const names = channels.map(({ config }) => config.name);
    const id = this.#spool.file.add(json, names);
    const now = this.#ports.now();
    const { event } = notification;
    const waits = isTransition(event) && event.to === "MASTER";
    const item: Queued = { id, json, notBefore: waits ? after(now, PHASES_WAIT) : now, queuedAt: now };
    for (const channel of channels) channel.push(item);
  }

  #openChannel(config: ChannelConfig, spool: Spool): Channel {
    const { now, setTimer, random, log, senderFor } = this.#ports;
    const { name, type } = config;
    return new Channel(config, senderFor(config), {
      now,
      setTimer,
      random,
      log: (level, message, facts) => log(level, `${name}: ${message}`, { channel: name, type, ...facts }),
      onDone: (ids) => spool.done(ids, name),
    });
  }

  #openSpool(directory: string): Spool {
    if (this.#spool?.directory === directory) return this.#spool.file;
    this.#spool?.file.close();
    const file = new Spool(directory, (why) =>
      this.#ports.log("warn", `notifications do not survive a restart: cannot write to ${directory}: ${why}`),
    );
    if (file.damaged > 0) {
      this.#ports.log("warn", `${file.damaged} damaged entries in ${directory} were left out`);
    }
    this.#spool = { directory, file };
    return file;
  }

  /** Gives the channels that were just opened what waits for them, and gives up what waits for a channel that is gone. */
  #resume(spool: Spool, added: readonly Channel[]): void {
    const waiting = new Map<string, Queued[]>();
    for (const { id, json, channels } of spool.pending()) {
      const item = this.#queued(id, json);
      for (const name of channels) {
        const items = waiting.get(name);
        if (items) items.push(item);
        else waiting.set(name, [item]);
      }
    }
    for (const channel of added) channel.push(...(waiting.get(channel.config.name) ?? []));
    for (const { config } of this.#channels) waiting.delete(config.name);
    for (const [name, items] of waiting) {
      const ids = items.map(({ id }) => id);
      spool.done(ids, name);
      this.#ports.log(
        "warn",
        `dropped ${ids.length} notifications for ${name}, which is no longer configured`,
      );
    }
  }

  /** What an earlier run left, with its age. */
  #queued(id: number, json: string): Queued {
    const now = this.#ports.now();
    const { at } = JSON.parse(json) as Notification;
    const age = this.#ports.timeOfDay() - Date.parse(at);
    return { id, json, notBefore: now, queuedAt: millis(now - age) };
  }
}

/** As it is stored and sent: whatever texts the event carries are short and without the secrets of URLs. */
function toJson(notification: Notification): string {
  return JSON.stringify(notification, (_, value: unknown) =>
    typeof value === "string" ? withoutUrlSecrets(value.slice(0, TEXT_CHARACTERS_MAX)) : value,
  );
}
