import type { Output } from "../output.ts";

/** ANSI: erase from the cursor to the end of the screen, or of the line; no wrapping of long lines; no cursor. */
const [ERASE_BELOW, ERASE_LINE] = ["\x1b[J", "\x1b[K"];
const [WRAP_OFF, WRAP_ON, CURSOR_OFF, CURSOR_ON] = ["\x1b[?7l", "\x1b[?7h", "\x1b[?25l", "\x1b[?25h"];

const FRAME_MS = 100;

/**
 * Lines that stay, and on a terminal a view below them that changes in place. Elsewhere there are the lines only.
 */
export class Screen {
  readonly #out: Output;
  #timer: NodeJS.Timeout | undefined;
  #view: () => readonly string[] = () => [];
  /** How many lines of the view are on the screen; the cursor is below them. */
  #shown = 0;

  constructor(out: Output) {
    this.#out = out;
  }

  /** From now on `view` is shown and kept up to date. */
  open(view: () => readonly string[]): void {
    if (!this.#out.isTTY) return;
    this.#view = view;
    this.#out.write(CURSOR_OFF);
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
    this.#draw();
  }

  say(...lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\n`).join("");
    this.#out.write(this.#timer ? `${this.#above()}${ERASE_BELOW}${text}${this.#viewText()}` : text);
  }

  /** The view is gone afterwards, the lines stay. */
  close(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#out.write(`${this.#above()}${ERASE_BELOW}${CURSOR_ON}`);
    this.#shown = 0;
  }

  /** Over what is there, line by line, which does not flicker as clearing would. */
  #draw(): void {
    this.#out.write(`${this.#above()}${this.#viewText()}`);
  }

  #above(): string {
    return this.#shown > 0 ? `\x1b[${this.#shown}A` : "";
  }

  #viewText(): string {
    const lines = this.#view();
    this.#shown = lines.length;
    return `${WRAP_OFF}${lines.map((line) => `${line}${ERASE_LINE}\n`).join("")}${WRAP_ON}`;
  }
}
