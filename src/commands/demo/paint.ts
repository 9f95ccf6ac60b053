import { styleText } from "node:util";
import { type Output, wantsColor } from "../output.ts";

type Style = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it alone. */
export type Paint = (style: Style, text: string) => string;

export function painter(out: Output, environment: NodeJS.ProcessEnv): Paint {
  const color = wantsColor(out, environment);
  // Whether to colour is decided already; styleText would ask the process's own stdout again.
  return (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
}
