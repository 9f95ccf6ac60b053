/** The classic BPF program that passes VRRP over IPv4 and IPv6, for packets that begin with their IP header. */

const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;

/** SKF_AD_OFF + SKF_AD_PROTOCOL: loads the EtherType, which is not part of the packet here. */
const ETHERTYPE = 0xfffff000;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const IPV4_PROTOCOL = 9;
const IPV6_NEXT_HEADER = 6;
const VRRP = 112;
const WHOLE_PACKET = 0xffff;
const NOTHING = 0;

const INSTRUCTION_LENGTH = 8;

/** `struct sock_filter[]` in the machine's byte order. Jumps count from the instruction that follows them. */
export function vrrpFilter(): Uint8Array {
  return assemble([
    { code: LOAD_HALF, value: ETHERTYPE },
    { code: JUMP_EQUAL, value: IPV4, onMiss: 2 },
    { code: LOAD_BYTE, value: IPV4_PROTOCOL },
    { code: JUMP_EQUAL, value: VRRP, onMatch: 3, onMiss: 4 },
    { code: JUMP_EQUAL, value: IPV6, onMiss: 3 },
    { code: LOAD_BYTE, value: IPV6_NEXT_HEADER },
    { code: JUMP_EQUAL, value: VRRP, onMiss: 1 },
    { code: RETURN, value: WHOLE_PACKET },
    { code: RETURN, value: NOTHING },
  ]);
}

interface Instruction {
  readonly code: number;
  readonly value: number;
  /** Instructions to pass over when the comparison holds. */
  readonly onMatch?: number;
  /** Instructions to pass over when it does not. */
  readonly onMiss?: number;
}

function assemble(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * INSTRUCTION_LENGTH);
  for (const [index, { code, value, onMatch = 0, onMiss = 0 }] of program.entries()) {
    const at = index * INSTRUCTION_LENGTH;
    bytes.set(new Uint8Array(Uint16Array.of(code).buffer), at);
    bytes.set([onMatch, onMiss], at + 2);
    bytes.set(new Uint8Array(Uint32Array.of(value).buffer), at + 4);
  }
  return bytes;
}
