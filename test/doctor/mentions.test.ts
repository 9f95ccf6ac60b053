import { expect, test } from "vitest";
import { mentions } from "../../src/doctor/mentions.ts";
import { ip } from "./fake-host.ts";

test.each([
  ["bind 10.0.0.1:443", "10.0.0.1"],
  ["address 10.0.0.1/24", "10.0.0.1"],
  ["[10.0.0.1, 10.0.0.2]", "10.0.0.1"],
  ["it ends with 10.0.0.1.", "10.0.0.1"],
  ["listen [2001:DB8::1]:80;", "2001:db8::1"],
])("%s has %s", (text, address) => {
  expect(mentions(text, ip(address))).toBe(true);
});

test.each([
  ["bind 10.0.0.10:443", "10.0.0.1"],
  ["bind 110.0.0.1", "10.0.0.1"],
  ["version 1.10.0.0.1", "10.0.0.1"],
  ["10.0.0.1.5", "10.0.0.1"],
  ["10a0b0c1", "10.0.0.1"],
  ["2001:db8::1:2", "2001:db8::1"],
])("%s has no %s", (text, address) => {
  expect(mentions(text, ip(address))).toBe(false);
});
