/** Something of the host that has a value, such as a kernel setting or a unit that runs or not. */
export interface Switchboard {
  /** What to go back to when nobody wants anything else any more. */
  before(key: string): Promise<string>;
  write(key: string, value: string): Promise<void>;
}

interface Held {
  readonly before: string;
  /** The newest last; its value is in force. */
  readonly wishes: readonly { readonly holder: string; readonly value: string }[];
}

/**
 * Values of the host that instances want while they are in a state. Two instances may want the same one: the value from before
 * comes back only when the last of them has let go.
 */
export class HeldSettings {
  readonly #host: Switchboard;
  readonly #held = new Map<string, Held>();

  constructor(host: Switchboard) {
    this.#host = host;
  }

  async hold(holder: string, key: string, value: string): Promise<void> {
    const held = this.#held.get(key) ?? { before: await this.#host.before(key), wishes: [] };
    const wishes = [...held.wishes.filter((wish) => wish.holder !== holder), { holder, value }];
    this.#held.set(key, { ...held, wishes });
    await this.#host.write(key, value);
  }

  async release(holder: string, key: string): Promise<void> {
    const held = this.#held.get(key);
    if (!held) return;
    const wishes = held.wishes.filter((wish) => wish.holder !== holder);
    const next = wishes.at(-1);
    if (next) this.#held.set(key, { ...held, wishes });
    else this.#held.delete(key);
    await this.#host.write(key, next?.value ?? held.before);
  }
}
