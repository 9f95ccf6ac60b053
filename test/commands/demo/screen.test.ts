import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Screen } from "../../../src/commands/demo/screen.ts";
import { CapturedOutput } from "../captured-output.ts";

const UP_TWO = "\x1b[2A";
const ERASE_BELOW = "\x1b[J";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a screen", () => {
  test("that is no terminal gets the lines and nothing else", () => {
    const out = new CapturedOutput();
    const screen = new Screen(out);
    screen.say("before");
    screen.open(() => ["a view"]);
    screen.say("one", "two");
    vi.advanceTimersByTime(1000);
    screen.close();
    screen.say("after");
    expect(out.text).toBe("before\none\ntwo\nafter\n");
  });

  test("on a terminal draws its view over the last one", () => {
    let frame = 0;
    const out = new CapturedOutput({ isTTY: true });
    new Screen(out).open(() => [`frame ${frame++}`, "below"]);
    expect(shown(out)).toEqual(["frame 0", "below"]);
    out.text = "";
    vi.advanceTimersByTime(100);
    expect(out.text.startsWith(UP_TWO)).toBe(true);
    expect(shown(out)).toEqual(["frame 1", "below"]);
  });

  test("on a terminal puts what it is told above the view", () => {
    const out = new CapturedOutput({ isTTY: true });
    const screen = new Screen(out);
    screen.open(() => ["first", "second"]);
    out.text = "";
    screen.say("something happened");
    expect(out.text.startsWith(`${UP_TWO}${ERASE_BELOW}something happened\n`)).toBe(true);
    expect(shown(out)).toEqual(["something happened", "first", "second"]);
  });

  test("that is closed leaves the lines, shows the cursor again and draws no more", () => {
    const out = new CapturedOutput({ isTTY: true });
    const screen = new Screen(out);
    screen.open(() => ["first", "second"]);
    out.text = "";
    screen.close();
    screen.close();
    vi.advanceTimersByTime(1000);
    expect(out.text).toBe(`${UP_TWO}${ERASE_BELOW}\x1b[?25h`);
  });
});

function shown(out: CapturedOutput): string[] {
  return stripVTControlCharacters(out.text).trimEnd().split("\n");
}
