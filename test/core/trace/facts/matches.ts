import type { Fact } from './fact.ts';

/** What matches ask of a packet. */
export const matchFacts: readonly Fact[] = [
  {
    name: 'sources and destinations are blocks, and can be negated',
    rules: `*filter
-A FORWARD ! -s 10.9.0.0/24 -d 10.0.0.1 -j DROP
-A FORWARD -s 10.9.0.0/24 ! -d 10.0.0.0/24 -j REJECT
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => pass
10.9.1.1 in probe-in -> 10.0.0.1:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.1.1:80/UDP => reject
10.9.1.1 in probe-in -> 10.0.1.1:80/UDP => pass
`,
  },
  {
    name: 'a port belongs to its protocol, and ranges include both ends',
    rules: `*filter
-A FORWARD -p udp --dport 79:81 -j DROP
-A FORWARD -p tcp --dport 80 -j REJECT
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:78/UDP => pass
10.9.0.1 in probe-in -> 10.0.0.1:79/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.1:81/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.1:82/UDP => pass
10.9.0.1 in probe-in -> 10.0.0.1:80/TCP => reject
10.9.0.1 in probe-in -> 10.0.0.1:81/TCP => pass
`,
  },
  {
    name: 'a trailing + stands for the rest of an interface name, or for none',
    rules: `*filter
-A FORWARD -i probe-in+ -d 10.0.0.1 -j DROP
-A FORWARD -i pro+ -d 10.0.0.2 -j DROP
-A FORWARD ! -i pro+ -d 10.0.0.3 -j DROP
-A FORWARD -i probe -d 10.0.0.4 -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.3:80/UDP => pass
10.9.0.1 in probe-in -> 10.0.0.4:80/UDP => pass
`,
  },
  {
    name: 'what the node sends has no input interface, so a negated one holds',
    rules: `*filter
:A - [0:0]
-A OUTPUT -j A
-A A -i probe-in -d 10.0.0.1 -j DROP
-A A ! -i probe-in -d 10.0.0.2 -j DROP
COMMIT
`,
    packets: `
192.0.2.2 sent -> 10.0.0.1:80/UDP => pass
192.0.2.2 sent -> 10.0.0.2:80/UDP => drop
`,
  },
  {
    name: 'a forwarded packet still has its input interface at POSTROUTING',
    rules: `*mangle
:A - [0:0]
-A POSTROUTING -j A
-A A -i probe-in -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => drop
192.0.2.2 sent       -> 10.0.0.1:80/UDP => pass
`,
  },
  {
    name: 'what the node sends to itself leaves by lo and comes in by lo',
    rules: `*filter
-A INPUT -i lo -p udp --dport 80 -j DROP
-A OUTPUT -o lo -p udp --dport 53 -j DROP
COMMIT
*mangle
-A PREROUTING -i lo -p udp --dport 8080 -j DROP
COMMIT
`,
    packets: `
192.0.2.2 sent -> 192.0.2.1:80/UDP   => drop
192.0.2.2 sent -> 192.0.2.1:53/UDP   => drop
192.0.2.2 sent -> 192.0.2.1:8080/UDP => drop
192.0.2.2 sent -> 192.0.2.1:443/UDP  => pass
192.0.2.2 sent -> 10.0.0.1:53/UDP    => pass
`,
  },
  {
    name: 'what comes in by lo has no output interface any more',
    rules: `*mangle
:A - [0:0]
-A PREROUTING -j A
-A INPUT -j A
-A A ! -o lo -p udp --dport 80 -j DROP
-A A -o lo -p udp --dport 53 -j DROP
COMMIT
`,
    packets: `
192.0.2.2 sent -> 192.0.2.1:80/UDP => drop
192.0.2.2 sent -> 192.0.2.1:53/UDP => pass
`,
  },
  {
    name: 'the output interface at OUTPUT is the one from before DNAT',
    rules: `*nat
-A OUTPUT -d 10.0.0.0/24 -p udp -j DNAT --to-destination 192.0.2.1
COMMIT
*filter
-A OUTPUT -o lo -j DROP
COMMIT
*mangle
-A POSTROUTING -o lo -p udp --dport 8080 -j DROP
COMMIT
`,
    packets: `
192.0.2.2 sent -> 10.0.0.1:80/UDP   => 192.0.2.1:80
192.0.2.2 sent -> 10.0.0.1:8080/UDP => drop
192.0.2.2 sent -> 192.0.2.1:80/UDP  => drop
`,
  },
  {
    name: 'address type LOCAL is the addresses of the node and 127.0.0.0/8',
    rules: `*filter
-A INPUT -m addrtype --dst-type LOCAL -p udp --dport 80 -j DROP
-A INPUT -m addrtype ! --dst-type LOCAL -j DROP
-A FORWARD -m addrtype ! --dst-type LOCAL -p udp --dport 80 -j DROP
-A OUTPUT -m addrtype --dst-type LOCAL -p udp --dport 53 -j REJECT
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 192.0.2.1:80/UDP   => drop
10.9.0.1 in probe-in -> 192.0.2.1:8080/UDP => pass
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP    => drop
127.0.0.1 sent       -> 127.1.2.3:80/UDP   => drop
127.0.0.1 sent       -> 127.1.2.3:53/UDP   => reject
192.0.2.2 sent       -> 10.0.0.1:53/UDP    => pass
`,
  },
  {
    name: 'address type LOCAL of the source tells the node from the others',
    rules: `*mangle
-A PREROUTING -m addrtype --src-type LOCAL -p udp --dport 80 -j DROP
-A PREROUTING -m addrtype ! --src-type LOCAL -p udp --dport 8080 -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in  -> 10.0.0.1:80/UDP    => pass
10.9.0.1 in probe-in  -> 10.0.0.1:8080/UDP  => drop
192.0.2.2 in probe-in -> 10.0.0.1:80/UDP    => drop
192.0.2.2 sent        -> 192.0.2.1:80/UDP   => drop
192.0.2.2 sent        -> 192.0.2.1:8080/UDP => pass
`,
  },
  {
    name: 'a packet that opens a connection is NEW, and INVALID where conntrack has not seen it yet',
    rules: `*raw
-A PREROUTING -d 10.0.0.1 -m conntrack --ctstate INVALID -j DROP
-A PREROUTING -d 10.0.0.2 -m conntrack --ctstate NEW -j DROP
COMMIT
*filter
-A FORWARD -d 10.0.0.3 -m conntrack --ctstate NEW -j DROP
-A FORWARD -d 10.0.0.4 -m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP
-A FORWARD -m conntrack --ctstate INVALID,RELATED,ESTABLISHED,DNAT,SNAT -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP => pass
10.9.0.1 in probe-in -> 10.0.0.3:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.4:80/UDP => drop
`,
  },
  {
    name: 'a rewritten connection has the state DNAT besides, unless nothing changed',
    rules: `*nat
-A PREROUTING -p udp -d 10.0.0.0/24 -j DNAT --to-destination 10.0.0.1:80
COMMIT
*filter
-A FORWARD -m conntrack --ctstate DNAT -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP   => drop
10.9.0.1 in probe-in -> 10.0.0.1:8080/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP   => 10.0.0.1:80
10.9.0.1 in probe-in -> 10.0.1.1:80/UDP   => pass
`,
  },
  {
    name: 'MARK clears the bits of its mask and then flips those of its value',
    rules: `*mangle
-A PREROUTING -j MARK --set-xmark 0xc001/0xffffffff
-A PREROUTING -d 10.0.0.1 -j MARK --and-mark 0xffffbfff
-A PREROUTING -d 10.0.0.2 -j MARK --xor-mark 0x4000
-A PREROUTING -d 10.0.0.3 -j MARK --or-mark 0x80000000
-A PREROUTING -d 10.0.0.4 -j MARK --set-xmark 0x6/0xf
COMMIT
*filter
-A FORWARD -d 10.0.0.1 -m mark --mark 0x8001 -j DROP
-A FORWARD -d 10.0.0.2 -m mark --mark 0x8001 -j DROP
-A FORWARD -d 10.0.0.3 -m mark --mark 0x8000c001 -j DROP
-A FORWARD -d 10.0.0.4 -m mark --mark 0xc006 -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.3:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.4:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.5:80/UDP => pass
`,
  },
  {
    name: 'a mark match compares the bits of its mask and no others',
    rules: `*mangle
-A PREROUTING -j MARK --set-mark 0xc001
COMMIT
*filter
-A FORWARD -d 10.0.0.1 -m mark --mark 0x4000/0x4000 -j DROP
-A FORWARD -d 10.0.0.2 -m mark ! --mark 0x4000/0x4000 -j DROP
-A FORWARD -d 10.0.0.3 -m mark ! --mark 0x8000/0xc000 -j DROP
-A FORWARD -d 10.0.0.4 -m mark --mark 0x0/0x2 -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP => pass
10.9.0.1 in probe-in -> 10.0.0.3:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.4:80/UDP => drop
`,
  },
  {
    name: 'NAT sees only packets that open a connection, and INVALID is what belongs to none',
    rules: `*nat
-A PREROUTING -d 10.0.0.0/8 -p tcp -j DNAT --to-destination 10.1.0.1:8080
COMMIT
*filter
-A FORWARD -p tcp --dport 443 -m conntrack --ctstate INVALID -j DROP
-A FORWARD -p tcp --dport 8080 -m conntrack --ctstate NEW -j ACCEPT
-A FORWARD -p tcp --dport 9090 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -p tcp --dport 53 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/TCP => 10.1.0.1:8080
10.9.0.1 in probe-in -> 172.16.0.1:80/TCP invalid => pass
10.9.0.1 in probe-in -> 172.16.0.1:443/TCP invalid => drop
10.9.0.1 in probe-in -> 172.16.0.1:8080/TCP invalid => pass
10.9.0.1 in probe-in -> 172.16.0.1:9090/TCP invalid => pass
10.9.0.1 in probe-in -> 172.16.0.1:53/TCP invalid => drop
10.9.0.1 in probe-in -> 10.0.0.1:80/TCP invalid => pass
172.17.0.1 in probe-in -> 172.16.0.1:443/TCP established => pass
172.17.0.1 in probe-in -> 172.16.0.1:8080/TCP established => pass
172.17.0.1 in probe-in -> 172.16.0.1:9090/TCP established => accept
172.17.0.1 in probe-in -> 172.16.0.1:53/TCP established => pass
172.17.0.1 in probe-in -> 10.0.0.1:80/TCP established => pass
`,
  },
  {
    name: 'a random match is drawn once for each packet that meets the rule',
    rules: `*filter
:A - [0:0]
-A FORWARD -d 10.0.0.1 -m statistic --mode random --probability 0.25 -j DROP
-A FORWARD -d 10.0.0.1 -m statistic --mode random --probability 0.5 -j DROP
-A FORWARD -d 10.0.0.2 -m statistic --mode random --probability 0.5 -j A
-A FORWARD -d 10.0.0.2 -j DROP
-A FORWARD -d 10.0.0.3 -p tcp -m statistic --mode random --probability 0.5 -j DROP
-A A -j ACCEPT
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => drop 5/8, pass 3/8
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP => accept 1/2, drop 1/2
10.9.0.1 in probe-in -> 10.0.0.3:80/UDP => pass
`,
  },
  {
    name: 'a probability of 0 or 1 is no chance at all',
    rules: `*filter
-A FORWARD -m statistic --mode random --probability 0 -j DROP
-A FORWARD -d 10.0.0.1 -m statistic --mode random --probability 1 -j REJECT
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => reject
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP => pass
`,
  },
];
