/** kube-proxy's hash for short names. */
import { sha256 } from '@noble/hashes/sha2.js';

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 (RFC 4648) of ten bits at a time. A ruleset has a name for each endpoint, so a table pays off. */
const base32Pairs = Array.from(
  { length: 1024 },
  (_, bits) => base32Alphabet.charAt(bits >> 5) + base32Alphabet.charAt(bits & 31),
);

/** The first 16 characters of base32(sha256(text)), of which only the first ten bytes are needed. */
export function shortHash(text: string): string {
  const digest = sha256(asciiBytes(text));
  return base32Of5(digest, 0) + base32Of5(digest, 5);
}

/** The eight characters for five bytes from `start`. */
function base32Of5(bytes: Uint8Array, start: number): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = bytes.subarray(start, start + 5);
  const high = (a << 12) | (b << 4) | (c >> 4);
  const low = ((c & 15) << 16) | (d << 8) | e;
  return `${base32Pairs[high >> 10]}${base32Pairs[high & 1023]}${base32Pairs[low >> 10]}${base32Pairs[low & 1023]}`;
}

/** Names of Kubernetes objects are ASCII; kube-proxy would hash anything else differently. */
function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) throw new Error(`a chain name is made of ASCII, which this is not: ${JSON.stringify(text)}`);
    bytes[i] = code;
  }
  return bytes;
}
