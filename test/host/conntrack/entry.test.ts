import { describe, expect, it } from 'vitest';
import { deletionArguments, originalDestination, replySource } from '../../../src/host/conntrack/entry.ts';

const unreplied = [
  'udp      17 29 src=10.0.0.9 dst=10.96.0.10 sport=1000 dport=53 [UNREPLIED]',
  'src=10.244.9.9 dst=1.2.3.4 sport=5353 dport=1000 mark=0 use=1',
].join(' ');
const counted = [
  'udp      17 119 src=fd00::9 dst=fd00:96::10 sport=1000 dport=53 packets=2 bytes=80',
  'src=fd00:244::1 dst=fd00::9 sport=5353 dport=1000 packets=2 bytes=90 [ASSURED] mark=0 zone=3 use=1',
].join(' ');

describe('lines of conntrack -L', () => {
  it('say where a flow was sent to, and who answers', () => {
    expect([originalDestination(unreplied), replySource(unreplied)]).toEqual(['10.96.0.10 53', '10.244.9.9 5353']);
    expect([originalDestination(counted), replySource(counted)]).toEqual(['fd00:96::10 53', 'fd00:244::1 5353']);
  });

  it.each([
    '',
    'conntrack v1.4.7 (conntrack-tools): 4 flow entries have been shown.',
    'icmp 1 29 src=10.0.0.1 dst=10.0.0.2',
  ])('are nothing to us when they are %j', (line) => expect(originalDestination(line)).toBeUndefined());
});

describe('deletionArguments', () => {
  it('names the destination, and the source of the answers where only some flows go', () => {
    const all = { destination: '10.96.0.10 53', replySource: undefined };
    expect(deletionArguments('IPv4', all).join(' ')).toBe('-D -p udp -f ipv4 -d 10.96.0.10 --dport 53');
    const some = { destination: 'fd00:96::10 53', replySource: 'fd00:244::1 5353' };
    expect(deletionArguments('IPv6', some).join(' ')).toBe(
      '-D -p udp -f ipv6 -d fd00:96::10 --dport 53 -r fd00:244::1 --reply-port-src 5353',
    );
  });

  it.each(['', '10.96.0.10', '--help 53', '10.96.0.10 53 x'])('throws rather than pass on %j', (destination) => {
    expect(() => deletionArguments('IPv4', { destination, replySource: undefined })).toThrow('not an address');
  });
});
