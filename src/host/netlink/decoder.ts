/**
 * The kernel's own account of every change to nftables rules, which iptables-nft makes too: messages of the netlink
 * group NFNLGRP_NFTABLES, decoded as far as needed to tell what changed (include/uapi/linux/netlink.h,
 * include/uapi/linux/netfilter/nfnetlink.h and nf_tables.h).
 */
import { endianness } from 'node:os';
import type { IpFamily } from '../../core/model/address.ts';

export interface NetlinkChange {
  readonly verb: 'new' | 'delete';
  readonly object: 'table' | 'chain' | 'rule' | 'set' | 'elements' | 'other';
  /** Undefined for tables of other families, like `inet`. */
  readonly family: IpFamily | undefined;
  readonly table: string;
  /** Of the chain, that of a rule; of the set or map, that of elements. Absent for a table and for other objects. */
  readonly name?: string;
}

/** What one process changed in one transaction. */
export interface RuleCommit {
  /** Each once. */
  readonly changes: readonly NetlinkChange[];
  /** The name of the process, at most 15 characters. */
  readonly program: string;
}

export type RuleEvent =
  | { readonly kind: 'commit'; readonly commit: RuleCommit }
  /** From here on nothing is missed. */
  | { readonly kind: 'listening' }
  /** There was more to tell than the socket could hold. */
  | { readonly kind: 'lost' };

/** Message types of netlink itself. rule-listener.ts sends them to say how its socket is. */
const noop = 1;
const overrun = 4;

/** NFNL_SUBSYS_NFTABLES. */
const nftables = 10;
const newGeneration = 15;

const objects: ReadonlyMap<number, Pick<NetlinkChange, 'verb' | 'object'> & { readonly nameAttribute?: number }> =
  new Map([
    [0, { verb: 'new', object: 'table' }],
    [2, { verb: 'delete', object: 'table' }],
    [3, { verb: 'new', object: 'chain', nameAttribute: 3 }],
    [5, { verb: 'delete', object: 'chain', nameAttribute: 3 }],
    [6, { verb: 'new', object: 'rule', nameAttribute: 2 }],
    [8, { verb: 'delete', object: 'rule', nameAttribute: 2 }],
    [9, { verb: 'new', object: 'set', nameAttribute: 2 }],
    [11, { verb: 'delete', object: 'set', nameAttribute: 2 }],
    [12, { verb: 'new', object: 'elements', nameAttribute: 2 }],
    [14, { verb: 'delete', object: 'elements', nameAttribute: 2 }],
    [18, { verb: 'new', object: 'other' }],
    [20, { verb: 'delete', object: 'other' }],
    [22, { verb: 'new', object: 'other' }],
    [24, { verb: 'delete', object: 'other' }],
  ]);

/** NFPROTO_IPV4 and NFPROTO_IPV6. */
const families: ReadonlyMap<number, IpFamily> = new Map([
  [2, 'IPv4'],
  [10, 'IPv6'],
]);

const isLittleEndian = endianness() === 'LE';
const headerLength = 16;
/** That of netlink, and `struct nfgenmsg`. */
const headersLength = 20;

/** A decoder that takes the messages as they come, cut anywhere. */
export function netlinkDecoder(): (chunk: Uint8Array) => readonly RuleEvent[] {
  let rest: Uint8Array = new Uint8Array();
  const changes = new Map<string, NetlinkChange>();
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const events: RuleEvent[] = [];
    let at = 0;
    while (at + headerLength <= bytes.length) {
      const length = view.getUint32(at, isLittleEndian);
      if (length < headerLength) {
        rest = new Uint8Array();
        return [...events, { kind: 'lost' }];
      }
      if (at + aligned(length) > bytes.length) break;
      const event = takeMessage(new DataView(view.buffer, view.byteOffset + at, length), changes);
      if (event !== undefined) events.push(event);
      at += aligned(length);
    }
    rest = bytes.slice(at);
    return events;
  };
}

function aligned(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function takeMessage(message: DataView, changes: Map<string, NetlinkChange>): RuleEvent | undefined {
  const type = message.getUint16(4, isLittleEndian);
  if (type === noop) return { kind: 'listening' };
  if (type === overrun) return { kind: 'lost' };
  if (type >> 8 !== nftables || message.byteLength < headersLength) return undefined;
  if ((type & 0xff) === newGeneration) {
    const commit = { changes: [...changes.values()], program: attributeText(message, 3) };
    changes.clear();
    return { kind: 'commit', commit };
  }
  noteChange(message, type & 0xff, changes);
  return undefined;
}

/** A load of a large cluster has hundreds of thousands of messages, nearly all of them about one table. */
function noteChange(message: DataView, type: number, changes: Map<string, NetlinkChange>): void {
  const known = objects.get(type);
  if (known === undefined) return;
  const { verb, object, nameAttribute } = known;
  const table = attributeText(message, 1);
  const name = nameAttribute === undefined ? undefined : attributeText(message, nameAttribute);
  const protocol = message.getUint8(headerLength);
  const key = `${type} ${protocol} ${table} ${name ?? ''}`;
  if (changes.has(key)) return;
  const family = families.get(protocol);
  changes.set(key, { verb, object, family, table, ...(name === undefined ? {} : { name }) });
}

/** The text of an attribute, without its final NUL; empty when the message has none of this type. */
function attributeText(message: DataView, wanted: number): string {
  for (let at = headersLength; at + 4 <= message.byteLength; ) {
    const length = message.getUint16(at, isLittleEndian);
    if (length < 4) break;
    if ((message.getUint16(at + 2, isLittleEndian) & 0x3fff) === wanted) {
      const end = Math.min(at + length - 1, message.byteLength);
      return Buffer.from(message.buffer, message.byteOffset + at + 4, Math.max(0, end - at - 4)).toString('latin1');
    }
    at += aligned(length);
  }
  return '';
}
