import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareIp,
  formatPrefix,
  hostPrefixLength,
  ipFamily,
  ipFromBytes,
  ipToBytes,
  isUnicastHost,
  parseIp,
  parsePrefix,
  prefixContains,
} from "../../src/base/ip.ts";
import { ip } from "../vrrp/fixtures.ts";

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
/** Half of the groups are zero, or `::` would hardly ever be tried. */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff])));
const address = fc.oneof(ipv4, ipv6).map((bytes) => ipFromBytes(bytes));

describe("reading an address", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["255.255.255.255", "255.255.255.255"],
    // RFC 5952 §4.1 to §4.3: leading zeros, `::`, lower case.
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:DB8::AAAA", "2001:db8::aaaa"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ])("%s becomes %s", (text, canonical) => {
    expect(parseIp(text)).toBe(canonical);
  });

  it.each([
    "",
    "10.0.0",
    "10.0.0.0.1",
    "10.0.0.256",
    "10.0.0.01",
    "10.0.0.-1",
    "0x0a.0.0.1",
    " 10.0.0.1",
    "10.0.0.1 ",
    "10.0.0.1/24",
    ":",
    ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "1::2::3",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "::1.2.3",
    "::1.2.3.256",
    "localhost",
  ])("refuses %j", (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  it("agrees with Node on what is an address", () => {
    const piece = fc.constantFrom("0", "1", "ffff", "10", "256", "01", ":", "::", ".", "1.2.3.4", "g", "/");
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, (candidate) => {
        expect(parseIp(candidate) !== undefined).toBe(isIP(candidate) !== 0);
      }),
      { numRuns: 2000 },
    );
  });

  it("gives back every address that was formatted", () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), (bytes) => {
        const text = ipFromBytes(bytes);
        expect(parseIp(text)).toBe(text);
        expect(ipToBytes(text)).toEqual(bytes);
        expect(ipFamily(text)).toBe(isIP(text));
        expect(hostPrefixLength(text)).toBe(bytes.length * 8);
      }),
    );
  });

  it("shortens IPv6 text as the URL standard does, which follows RFC 5952", () => {
    fc.assert(
      fc.property(ipv6, (bytes) => {
        const text = ipFromBytes(bytes);
        expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
      }),
    );
  });
});

describe("reading a prefix", () => {
  it.each([
    ["10.0.0.5/24", "10.0.0.5", 24],
    ["10.0.0.5", "10.0.0.5", 32],
    ["10.0.0.5/0", "10.0.0.5", 0],
    ["2001:DB8::5/64", "2001:db8::5", 64],
    ["2001:db8::5", "2001:db8::5", 128],
  ])("%s is %s with a prefix of %i", (text, expected, prefixLength) => {
    expect(parsePrefix(text)).toEqual({ address: expected, prefixLength });
  });

  it.each([
    "",
    "/24",
    "10.0.0.5/",
    "10.0.0.5/33",
    "10.0.0.5/-1",
    "10.0.0.5/2 4",
    "10.0.0.5/24/24",
    "::1/129",
  ])("refuses %j", (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });

  it("gives back every prefix that was formatted", () => {
    fc.assert(
      fc.property(address, fc.nat(128), (host, length) => {
        const prefix = { address: host, prefixLength: length % (hostPrefixLength(host) + 1) };
        expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix);
      }),
    );
  });
});

describe("a network", () => {
  it.each([
    ["10.0.0.5/24", "10.0.0.255", true],
    ["10.0.0.5/24", "10.0.1.0", false],
    ["10.0.0.5/32", "10.0.0.5", true],
    ["10.0.0.5/32", "10.0.0.4", false],
    ["10.0.0.5/31", "10.0.0.4", true],
    ["10.0.0.5/0", "192.0.2.1", true],
    ["10.0.0.128/25", "10.0.0.127", false],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["::/0", "10.0.0.1", false],
    ["0.0.0.0/0", "::1", false],
  ])("%s with regard to %s: %s", (prefix, candidate, expected) => {
    expect(prefixContains(parsePrefix(prefix) ?? expect.fail(prefix), ip(candidate))).toBe(expected);
  });

  it("contains exactly the addresses that share its first bits", () => {
    fc.assert(
      fc.property(ipv4, ipv4, fc.nat(32), (network, candidate, prefixLength) => {
        const bits = (bytes: Uint8Array) =>
          [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
        const shared = bits(network).slice(0, prefixLength) === bits(candidate).slice(0, prefixLength);
        const prefix = { address: ipFromBytes(network), prefixLength };
        expect(prefixContains(prefix, ipFromBytes(candidate))).toBe(shared);
      }),
    );
  });
});

describe("comparing addresses", () => {
  it.each([
    ["10.0.0.2", "10.0.0.10"],
    ["9.255.255.255", "10.0.0.0"],
    ["127.0.0.1", "128.0.0.1"],
    ["fe80::9", "fe80::10"],
    ["255.255.255.255", "::"],
  ])("puts %s below %s", (lower, higher) => {
    expect(compareIp(ip(lower), ip(higher))).toBeLessThan(0);
    expect(compareIp(ip(higher), ip(lower))).toBeGreaterThan(0);
  });

  it("orders IPv4 as unsigned numbers in network order", () => {
    const numberOf = (bytes: Uint8Array) => new DataView(bytes.buffer).getUint32(0);
    fc.assert(
      fc.property(ipv4, ipv4, (a, b) => {
        const order = compareIp(ipFromBytes(a), ipFromBytes(b));
        expect(Math.sign(order)).toBe(Math.sign(numberOf(a) - numberOf(b)));
      }),
    );
  });

  it("calls two addresses equal exactly when their text is", () => {
    fc.assert(
      fc.property(address, address, (a, b) => {
        expect(compareIp(a, a)).toBe(0);
        expect(compareIp(a, b) === 0).toBe(a === b);
      }),
    );
  });
});

describe("an address that a host can send from", () => {
  it.each<[string, boolean]>([
    ["10.0.0.1", true],
    ["223.255.255.255", true],
    ["0.0.0.0", false],
    ["127.0.0.1", false],
    ["224.0.0.18", false],
    ["255.255.255.255", false],
    ["fe80::1", true],
    ["2001:db8::1", true],
    ["::", false],
    ["::1", false],
    ["ff02::12", false],
  ])("%s: %s", (text, expected) => {
    expect(isUnicastHost(ip(text))).toBe(expected);
  });
});
