import type { Fact } from './fact.ts';

/** How packets are rewritten, and which hooks they pass then. */
export const rewritingFacts: readonly Fact[] = [
  {
    name: 'DNAT rewrites the destination for all that comes after',
    rules: `*nat
-A PREROUTING -d 10.0.0.1 -p udp --dport 80 -j DNAT --to-destination 10.1.0.1:8080
COMMIT
*filter
-A FORWARD -d 10.0.0.1 -j DROP
-A FORWARD -d 10.1.0.1 -p udp --dport 80 -j DROP
COMMIT
*mangle
-A PREROUTING -d 10.1.0.1 -p udp --dport 8080 -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP   => 10.1.0.1:8080
10.9.0.1 in probe-in -> 10.0.0.1:8080/UDP => drop
10.9.0.1 in probe-in -> 10.1.0.1:8080/UDP => drop
`,
  },
  {
    name: 'DNAT without a port leaves the port alone',
    rules: `*nat
-A PREROUTING -d 10.0.0.1 -j DNAT --to-destination 10.1.0.1
COMMIT
`,
    packets: '10.9.0.1 in probe-in -> 10.0.0.1:9090/UDP => 10.1.0.1:9090',
  },
  {
    name: 'the first DNAT ends the nat table',
    rules: `*nat
:A - [0:0]
-A PREROUTING -d 10.0.0.1 -j A
-A PREROUTING -d 10.1.0.1 -p udp -j DNAT --to-destination 10.1.0.2:80
-A A -p udp -j DNAT --to-destination 10.1.0.1:80
-A A -p udp -j DNAT --to-destination 10.1.0.3:80
COMMIT
`,
    packets: '10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => 10.1.0.1:80',
  },
  {
    name: 'after DNAT to this node a packet passes INPUT, otherwise FORWARD',
    rules: `*nat
-A PREROUTING -d 10.0.0.1 -p udp -j DNAT --to-destination 192.0.2.1:8080
-A PREROUTING -d 192.0.2.2 -p udp -j DNAT --to-destination 10.1.0.1:8080
COMMIT
*filter
-A INPUT -p udp --dport 8080 -j DROP
-A FORWARD -p udp --dport 8080 -j REJECT
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP  => drop
10.9.0.1 in probe-in -> 192.0.2.2:80/UDP => reject
`,
  },
  {
    name: 'what the node sends is rewritten at OUTPUT and not at PREROUTING',
    rules: `*nat
-A PREROUTING -d 10.0.0.1 -p udp -j DNAT --to-destination 10.1.0.1:80
-A OUTPUT -d 10.0.0.1 -p udp -j DNAT --to-destination 10.1.0.2:80
COMMIT
*filter
-A OUTPUT -d 10.0.0.1 -j DROP
-A FORWARD -d 10.1.0.2 -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => 10.1.0.1:80
192.0.2.2 sent       -> 10.0.0.1:80/UDP => 10.1.0.2:80
`,
  },
  {
    name: 'what the node sends to itself passes OUTPUT and INPUT, and the nat table once',
    rules: `*nat
-A PREROUTING -p udp -j DNAT --to-destination 10.1.0.1:80
COMMIT
*filter
-A INPUT -p udp --dport 53 -j DROP
-A OUTPUT -d 192.0.2.1 -p udp --dport 80 -j REJECT
COMMIT
`,
    packets: `
192.0.2.2 sent -> 192.0.2.1:53/UDP   => drop
192.0.2.2 sent -> 192.0.2.1:80/UDP   => reject
192.0.2.2 sent -> 192.0.2.1:8080/UDP => pass
`,
  },
  {
    name: 'a packet keeps its mark through lo',
    rules: `*mangle
-A OUTPUT -p udp --dport 80 -j MARK --set-mark 0x1
-A OUTPUT -p udp --dport 8080 -j MARK --set-mark 0x1
-A POSTROUTING -p udp --dport 8080 -j MARK --set-mark 0x0
COMMIT
*filter
-A INPUT -m mark --mark 0x1 -j DROP
COMMIT
`,
    packets: `
192.0.2.2 sent -> 192.0.2.1:80/UDP   => drop
192.0.2.2 sent -> 192.0.2.1:8080/UDP => pass
`,
  },
  {
    name: 'MASQUERADE changes the source of what leaves the node',
    rules: `*nat
-A PREROUTING -p udp -j DNAT --to-destination 10.1.0.1
-A OUTPUT -p udp -j DNAT --to-destination 10.1.0.1
-A POSTROUTING -p udp --dport 53 -j ACCEPT
-A POSTROUTING -s 10.9.1.0/24 -j RETURN
-A POSTROUTING -j MASQUERADE
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => 10.1.0.1:80 masquerade
10.9.0.1 in probe-in -> 10.0.0.1:53/UDP => 10.1.0.1:53
10.9.1.1 in probe-in -> 10.0.0.1:80/UDP => 10.1.0.1:80
192.0.2.2 sent       -> 10.0.0.1:80/UDP => 10.1.0.1:80 masquerade
`,
  },
  {
    name: 'what arrives and stays here is never masqueraded, what the node sends to itself is',
    rules: `*nat
-A PREROUTING -d 10.0.0.1 -p udp -j DNAT --to-destination 192.0.2.1:80
-A OUTPUT -d 10.0.0.1 -p udp -j DNAT --to-destination 192.0.2.1:80
-A POSTROUTING -j MASQUERADE
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => 192.0.2.1:80
192.0.2.2 sent       -> 10.0.0.1:80/UDP => 192.0.2.1:80 masquerade
127.0.0.1 sent       -> 10.0.0.1:80/UDP => 192.0.2.1:80 masquerade
`,
  },
  {
    name: 'INPUT sees a masqueraded packet with its new source and the state SNAT',
    rules: `*nat
-A OUTPUT -p udp -j DNAT --to-destination 192.0.2.1
-A POSTROUTING -p udp --dport 9090 -j ACCEPT
-A POSTROUTING -j MASQUERADE
COMMIT
*filter
-A INPUT -s 192.0.2.1 -p udp --dport 80 -j DROP
-A INPUT -m conntrack --ctstate SNAT -p udp --dport 8080 -j DROP
-A INPUT -s 192.0.2.1 -p udp --dport 9090 -j DROP
-A INPUT -m conntrack --ctstate SNAT -p udp --dport 9090 -j DROP
COMMIT
`,
    packets: `
192.0.2.2 sent -> 10.0.0.1:80/UDP   => drop
192.0.2.2 sent -> 10.0.0.1:8080/UDP => drop
192.0.2.2 sent -> 10.0.0.1:443/UDP  => 192.0.2.1:443 masquerade
192.0.2.2 sent -> 10.0.0.1:9090/UDP => 192.0.2.1:9090
`,
  },
  {
    name: 'REJECT refuses at INPUT, FORWARD and OUTPUT, TCP as well as UDP',
    rules: `*filter
-A INPUT -p udp -m udp --dport 80 -j REJECT
-A FORWARD -p tcp -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable
-A OUTPUT -d 10.0.0.1 -j REJECT
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 192.0.2.1:80/UDP => reject
10.9.0.1 in probe-in -> 10.0.0.1:80/TCP  => reject
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP  => pass
192.0.2.2 sent       -> 10.0.0.1:80/UDP  => reject
`,
  },
  {
    name: 'endpoints share packets as their random matches say',
    rules: `*nat
:KUBE-SVC-A - [0:0]
:KUBE-SEP-1 - [0:0]
:KUBE-SEP-2 - [0:0]
-A PREROUTING -d 10.0.0.1 -p udp --dport 80 -j KUBE-SVC-A
-A POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A POSTROUTING -j MASQUERADE --random-fully
-A KUBE-SVC-A -m statistic --mode random --probability 0.25 -j KUBE-SEP-1
-A KUBE-SVC-A -m statistic --mode random --probability 0.5 -j KUBE-SEP-2
-A KUBE-SVC-A -p udp -j DNAT --to-destination 10.1.0.3:8080
-A KUBE-SEP-1 -s 10.9.0.1 -j MARK --set-xmark 0x4000/0x4000
-A KUBE-SEP-1 -p udp -j DNAT --to-destination 10.1.0.1:8080
-A KUBE-SEP-2 -p udp -j DNAT --to-destination 192.0.2.1:8080
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => 10.1.0.1:8080 masquerade 1/4, 10.1.0.3:8080 3/8, 192.0.2.1:8080 3/8
10.9.0.2 in probe-in -> 10.0.0.1:80/UDP => 10.1.0.1:8080 1/4, 10.1.0.3:8080 3/8, 192.0.2.1:8080 3/8
`,
  },
  {
    name: 'IPv6 goes the same ways',
    rules: `*nat
-A PREROUTING -d fd00::1 -p udp -j DNAT --to-destination [fd01::1]:8080
-A PREROUTING -d fd00::2 -p udp -j DNAT --to-destination [2001:db8::1]:8080
-A OUTPUT -d fd00::1 -p udp -j DNAT --to-destination [2001:db8::1]:8080
-A POSTROUTING -j MASQUERADE
COMMIT
*filter
-A INPUT -m addrtype --src-type LOCAL -p udp --dport 53 -j DROP
-A FORWARD ! -s fd09::/112 -j REJECT
COMMIT
`,
    packets: `
fd09::1 in probe-in   -> [fd00::1]:80/UDP     => [fd01::1]:8080 masquerade
fd09::1:1 in probe-in -> [fd00::1]:80/UDP     => reject
fd09::1 in probe-in   -> [fd00::2]:80/UDP     => [2001:db8::1]:8080
2001:db8::2 sent      -> [fd00::1]:80/UDP     => [2001:db8::1]:8080 masquerade
2001:db8::2 sent      -> [2001:db8::1]:53/UDP => drop
fd09::1 in probe-in   -> [2001:db8::1]:53/UDP => pass
::1 sent              -> [::1]:53/UDP         => drop
`,
  },
];
