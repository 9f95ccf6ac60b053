import type { Output } from "../../src/commands/output.ts";

/** Keeps what a command writes. */
export class CapturedOutput implements Output {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  text = "";
  readonly #onWrite: (text: string) => void;

  constructor(
    options: {
      readonly isTTY?: boolean;
      readonly columns?: number;
      readonly onWrite?: (text: string) => void;
    } = {},
  ) {
    this.isTTY = options.isTTY ?? false;
    this.columns = options.columns;
    this.#onWrite = options.onWrite ?? (() => {});
  }

  write(text: string): void {
    this.text += text;
    this.#onWrite(text);
  }

  get lines(): string[] {
    return this.text.trimEnd().split("\n");
  }
}
