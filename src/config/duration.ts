import * as z from "zod";
import { type Millis, millis } from "../base/units.ts";
import { described, type OptionText, type Reading, reading } from "./option.ts";

const UNIT_MILLIS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const WITH_UNIT = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/;

/** A length of time: a number is seconds, as in keepalived; text carries a unit. The range is in seconds. */
export function duration(range: { readonly min: number; readonly max: number }, text: OptionText) {
  const expects = `seconds from ${range.min} to ${range.max}, or text with a unit such as "30ms", "1.5s" or "2m"`;
  return described(
    reading(z.union([z.number(), z.string()]), (value) => readDuration(value, range)),
    {
      ...text,
      expects,
      minimum: range.min,
      maximum: range.max,
      pattern: WITH_UNIT.source,
    },
  );
}

/** Such as `1.5 s` or `30 ms`: the larger unit as soon as there is one whole of it. */
export function formatDuration(value: Millis): string {
  return value >= 1000 || value === 0 ? `${round(value / 1000)} s` : `${round(value)} ms`;
}

function readDuration(value: number | string, range: { min: number; max: number }): Reading<Millis> {
  const fix = `write seconds from ${range.min} to ${range.max}, or text with a unit such as "30ms" or "1.5s"`;
  const milliseconds = typeof value === "number" ? toMicroseconds(value * 1000) : readWithUnit(value);
  if (milliseconds === undefined) return { ok: false, ...notADuration(String(value), fix) };
  const shown = typeof value === "number" ? `${value} s` : `"${value.trim()}"`;
  if (milliseconds < range.min * 1000) return { ok: false, message: `${shown} is below ${range.min} s`, fix };
  if (milliseconds > range.max * 1000) return { ok: false, message: `${shown} is above ${range.max} s`, fix };
  return { ok: true, value: millis(milliseconds) };
}

function readWithUnit(text: string): number | undefined {
  const match = WITH_UNIT.exec(text.trim());
  const factor = UNIT_MILLIS[match?.[2] ?? ""];
  return factor === undefined ? undefined : toMicroseconds(Number(match?.[1]) * factor);
}

function notADuration(text: string, fix: string): { message: string; fix: string } {
  const message = `"${text.slice(0, 40)}" is no duration`;
  const bare = /^\d+(\.\d+)?$/.test(text);
  return bare
    ? { message: `${message}: it has no unit`, fix: `write ${text} without quotes, or "${text}s"` }
    : { message, fix };
}

/** 0.07 s times 1000 is 70.00000000000001 in floating point; times are whole microseconds. */
function toMicroseconds(milliseconds: number): number {
  return round(milliseconds);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
