/**
 * A number from 0 to 2³² - 1 for a text, the same on every machine. Every bit depends on the whole text: FNV-1a over
 * its UTF-16 code units, then MurmurHash3's mix. The lowest bits of FNV alone depend only on the lowest bits of the
 * characters, so repeated parts, as in `shop-1/shop-1`, would cancel each other out.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
