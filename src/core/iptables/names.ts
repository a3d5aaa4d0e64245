/** Names of chains: those that everybody knows, and those made for one service port or endpoint. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Cidr } from '../model/address.ts';
import type { Protocol } from '../model/objects.ts';
import type { ServicePortId } from '../model/plan.ts';
import { remember } from '../model/remember.ts';
import type { PortRange } from './ruleset.ts';

/** XT_EXTENSION_MAXNAMELEN is 29 with the final NUL (include/uapi/linux/netfilter/x_tables.h). */
export const maxChainNameLength = 28;

/** XT_MAX_COMMENT_LEN is 256 with the final NUL (include/uapi/linux/netfilter/xt_comment.h); the tools cut the rest. */
export const maxCommentLength = 255;

/** The chains that kube-proxy and the kubelet share with the world. */
export const chains = {
  services: 'KUBE-SERVICES',
  externalServices: 'KUBE-EXTERNAL-SERVICES',
  nodePorts: 'KUBE-NODEPORTS',
  postrouting: 'KUBE-POSTROUTING',
  markMasquerade: 'KUBE-MARK-MASQ',
  forward: 'KUBE-FORWARD',
  firewall: 'KUBE-FIREWALL',
  proxyFirewall: 'KUBE-PROXY-FIREWALL',
} as const;

/**
 * Chains that are there although nothing may jump to them: KUBE-MARK-MASQ waits for a service that masquerades, the
 * others are the kubelet's hint to the tools and the chains by which it and kube-proxy notice that somebody flushed
 * the rules.
 */
export const standaloneChains: ReadonlySet<string> = new Set([
  chains.markMasquerade,
  'KUBE-IPTABLES-HINT',
  'KUBE-KUBELET-CANARY',
  'KUBE-PROXY-CANARY',
]);

export interface ServicePortChains {
  readonly service: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

const memo = new WeakMap<ServicePortId, ServicePortChains>();

/** The chains of a service port. The hash is kube-proxy's, so that the names are the same on a node that ran it. */
export function servicePortChains(id: ServicePortId): ServicePortChains {
  return remember(memo, id, () => {
    const hash = shortHash(`${id.text}${id.protocol.toLowerCase()}`);
    return {
      service: `KUBE-SVC-${hash}`,
      local: `KUBE-SVL-${hash}`,
      external: `KUBE-EXT-${hash}`,
      firewall: `KUBE-FW-${hash}`,
    };
  });
}

/** The chain of an endpoint (`10.0.0.1:80`, `[fd00::1]:80`) of a service port; the hash is kube-proxy's too. */
export function endpointChain(id: ServicePortId, endpoint: string): string {
  return `KUBE-SEP-${shortHash(`${id.text}${id.protocol.toLowerCase()}${endpoint}`)}`;
}

/** The chain for all frontends in a block: by its address where that fits, which IPv6 blocks do not. */
export function addressBranchChain(prefix: string, block: Cidr): string {
  const readable = `${prefix}${block}`;
  return block.includes(':') || readable.length > maxChainNameLength ? `${prefix}${shortHash(block)}` : readable;
}

/** The chain for all NodePorts of a protocol, or of a range of its ports. */
export function portBranchChain(prefix: string, protocol: Protocol, range: PortRange | undefined): string {
  const all = `${prefix}${protocol.toLowerCase()}`;
  return range === undefined ? all : `${all}-${range.from}:${range.to}`;
}

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 (RFC 4648) of each ten bits. A ruleset has a name for each endpoint, so this is worth a table. */
const base32Pairs = Array.from(
  { length: 1024 },
  (_, bits) => base32Alphabet.charAt(bits >> 5) + base32Alphabet.charAt(bits & 31),
);

/** The first 16 characters of base32(sha256(text)), of which only the first ten bytes are needed. */
function shortHash(text: string): string {
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

/** Names of Kubernetes objects are ASCII; anything else would be a name that kube-proxy hashes differently. */
function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) throw new Error(`a chain name is made of ASCII, which this is not: ${JSON.stringify(text)}`);
    bytes[i] = code;
  }
  return bytes;
}
