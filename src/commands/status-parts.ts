/** What the blocks of `cloudvip status` are made of. */
import { styleText } from "node:util";
import type { RouterStateName } from "../status/snapshot.ts";

type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

export const STATE_STYLES: Readonly<Record<RouterStateName, Style>> = {
  MASTER: ["bold", "green"],
  BACKUP: ["bold", "cyan"],
  INIT: ["bold", "yellow"],
  FAULT: ["bold", "red"],
};

const LABEL_WIDTH = 12;

export interface Context {
  readonly paint: Paint;
  readonly now: number;
}

/** The caller decided about colour; styleText would ask the process's own stdout again. */
export function painter({ color }: { readonly color: boolean }): Paint {
  return (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
}

/** The label stands before the first line, the others are set below it. */
export function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? label : "").padEnd(LABEL_WIDTH)}${line}`);
}

/** A short time, to the millisecond. */
export function formatMillis(duration: number): string {
  return duration < 1000 ? `${Math.round(duration)} ms` : formatDuration(duration, 1);
}

/** A time in its two largest units, such as `3 h 12 min`. */
export function formatDuration(duration: number, decimals = 0): string {
  const total = Math.max(0, duration) / 1000;
  if (total < 60) return `${Number(total.toFixed(decimals))} s`;
  const [days, hours, minutes] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${Math.floor(total % 60)} s`;
}
