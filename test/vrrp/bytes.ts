/** Bytes as people write them in a test: hexadecimal, spaces where they help. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

/** `bytes` with some of them replaced, by offset. */
export function patched(bytes: Uint8Array, changes: Readonly<Record<number, number>>): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const [offset, value] of Object.entries(changes)) copy[Number(offset)] = value;
  return copy;
}

/** `bytes` with one bit turned over. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const offset = bit >> 3;
  return patched(bytes, { [offset]: (bytes[offset] ?? 0) ^ (1 << (bit & 7)) });
}
