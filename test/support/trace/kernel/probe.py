"""Sends packets through iptables rulesets in the network namespace that it runs in, and tells what became of them.

Reads {addresses, restore, save, listen, experiments: [{rules, probes: [{source, destination, protocol, port, ctState,
arrives, count, patienceMs}]}]} from standard input and writes [[{outcomes: {key: packets}, counters: text of iptables-save -c}]].
A key is `drop`, `reject`, or where the packet was seen and as what: `out 10.0.0.1:80`, `local 10.0.0.1:80 new-source`.

A packet with a ctState is a SYN/ACK. `established`: a SYN from its destination comes in before it, which the rules must
let through. `invalid`: nothing does, as where only the answers of a connection pass the node.

The node has two TUN devices. Its addresses lie on one, where packets from elsewhere are put in; the default route leads
to the other, which has an address of its own so that masquerading can be seen.
"""
import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
PROTOCOLS = {'TCP': TCP, 'UDP': UDP}
ID_MARK = 0x5A << 24
OPENING_NUMBER = 1  # of a SYN that is not looked for
EGRESS = ('198.18.0.1/32', 'fdfe::1/128')


def open_tun(name):
    tun = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, 0x400454CA, struct.pack('16sH22x', name.encode(), 0x1001))  # TUNSETIFF, IFF_TUN | IFF_NO_PI
    return tun


def write_sysctl(path, value):
    try:
        with open('/proc/sys/net/' + path, 'w') as file:
            file.write(value)
    except OSError:
        pass  # not in this kernel, or not in a namespace


def set_up(addresses):
    for scope in ('all', 'default'):
        for name, value in (('rp_filter', '0'), ('accept_local', '1'), ('route_localnet', '1')):
            write_sysctl('ipv4/conf/%s/%s' % (scope, name), value)
        write_sysctl('ipv6/conf/%s/accept_dad' % scope, '0')
    for path, value in (('ipv4/ip_forward', '1'), ('ipv6/conf/all/forwarding', '1'), ('ipv4/icmp_ratelimit', '0'),
                        ('ipv4/icmp_ratemask', '0'), ('ipv6/icmp/ratelimit', '0')):
        write_sysctl(path, value)
    tuns = [open_tun(name) for name in ('probe-in', 'probe-out')]
    lines = []
    lines += ['link set %s addrgenmode none txqueuelen 4000 up' % name for name in ('probe-in', 'probe-out')]
    for address in addresses:
        lines.append('addr add %s%s dev probe-in' % (address, '/128 nodad' if ':' in address else '/32'))
    lines += ['addr add %s dev probe-out%s' % (each, ' nodad' if ':' in each else '') for each in EGRESS]
    lines += ['route add default dev probe-out', 'route add ::/0 dev probe-out']
    subprocess.run(['ip', '-batch', '-'], input='\n'.join(lines) + '\n', text=True, check=True)
    return tuns


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


SYN, SYN_ACK = 0x02, 0x12


def make_packet(source, destination, protocol, ports, number, flags=SYN):
    if protocol == TCP:
        segment = struct.pack('!HHIIBBHHH', *ports, number, OPENING_NUMBER + 1, 0x50, flags, 65535, 0, 0)
        at = 16
    else:
        segment = struct.pack('!HHHHI', *ports, 12, 0, number)
        at = 6
    pseudo = source + destination + struct.pack('!II', len(segment), protocol)
    value = checksum(pseudo + segment) or 0xFFFF
    segment = segment[:at] + struct.pack('!H', value) + segment[at + 2:]
    if len(source) == 16:
        return struct.pack('!IHBB', 6 << 28, len(segment), protocol, 64) + source + destination + segment
    header = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(segment), 1, 0x4000, 64, protocol, 0) + source + destination
    return header[:10] + struct.pack('!H', checksum(header)) + header[12:] + segment


def read_packet(data):
    """(number, kind, source, destination, port) of one of our packets or of an ICMP error about one, else None."""
    if len(data) < 28:
        return None
    if data[0] >> 4 == 4:
        return read_transport(data[9], data[12:16], data[16:20], data[(data[0] & 15) * 4:])
    return read_transport(data[6], data[8:24], data[24:40], data[40:]) if data[0] >> 4 == 6 else None


def read_transport(protocol, source, destination, segment):
    if protocol in (ICMP, ICMP6):
        if len(segment) < 36 or segment[0] != (3 if protocol == ICMP else 1):
            return None
        inner = read_packet(segment[8:])
        return inner and (inner[0], 'reject', None, None, None)
    at = {TCP: 4, UDP: 8}.get(protocol)
    if at is None or len(segment) < at + 4:
        return None
    number = struct.unpack_from('!I', segment, at)[0]
    if number & (0xFF << 24) != ID_MARK:
        return None
    return number, 'seen', source, destination, struct.unpack_from('!H', segment, 2)[0]


class Node:
    def __init__(self, spec):
        self.family = socket.AF_INET6 if ':' in spec['addresses'][0] else socket.AF_INET
        self.tun_in, self.tun_out = set_up(spec['addresses'])
        self.sender = socket.socket(self.family, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.protocols = {}
        for protocol in (TCP, UDP, ICMP6 if self.family == socket.AF_INET6 else ICMP):
            receiver = socket.socket(self.family, socket.SOCK_RAW, protocol)
            receiver.setblocking(False)
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            if self.family == socket.AF_INET6:
                receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
            self.protocols[receiver] = protocol
        # Without a listener the node would answer with ICMP errors of its own.
        self.listeners = [socket.socket(self.family, socket.SOCK_DGRAM) for _ in spec['listen']]
        for listener, port in zip(self.listeners, spec['listen']):
            listener.bind(('', port))
        self.number = ID_MARK
        self.seen = {}

    def probe(self, probe):
        source, destination = (socket.inet_pton(self.family, probe[end]) for end in ('source', 'destination'))
        numbers = []
        for _ in range(probe['count']):
            self.number += 1
            numbers.append(self.number)
            ports = (20000 + self.number % 40000, probe['port'])
            protocol, state = PROTOCOLS[probe['protocol']], probe.get('ctState')
            if state == 'established':
                os.write(self.tun_in, make_packet(destination, source, protocol, ports[::-1], OPENING_NUMBER))
            flags = SYN if state is None else SYN_ACK
            self.send(make_packet(source, destination, protocol, ports, self.number, flags), probe)
            if len(numbers) % 64 == 0:
                self.receive()
        self.settle(numbers, probe['patienceMs'] / 1000)
        outcomes = {}
        for number in numbers:
            key = self.outcome(number, source)
            outcomes[key] = outcomes.get(key, 0) + 1
        return outcomes

    def send(self, packet, probe):
        if probe['arrives']:
            os.write(self.tun_in, packet)
            return
        try:
            self.sender.sendto(packet, (probe['destination'], 0))
        except PermissionError:
            pass  # a rule of the output hook took it

    def settle(self, numbers, patience):
        """Waits until all packets are seen, or a while after the last one: nothing tells that a packet was dropped."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and not all(number in self.seen for number in numbers):
            if self.receive():
                deadline = time.monotonic() + patience
            else:
                select.select([self.tun_in, self.tun_out, *self.protocols], [], [], 0.02)
        self.receive()

    def receive(self):
        found = 0
        for tun in (self.tun_out, self.tun_in):
            for data in drain(lambda: os.read(tun, 4096)):
                found += self.note('out', read_packet(data))
        for receiver, protocol in self.protocols.items():
            if self.family == socket.AF_INET:
                for data in drain(lambda: receiver.recv(4096)):
                    found += self.note('local', read_packet(data))
                continue
            for data, controls, _, peer in drain(lambda: receiver.recvmsg(4096, 256)):
                destination = next((value[:16] for _, kind, value in controls if kind == socket.IPV6_PKTINFO), b'')
                source = socket.inet_pton(self.family, peer[0].split('%')[0])
                found += self.note('local', read_transport(protocol, source, destination, data))
        return found

    def note(self, where, event):
        # A packet that was seen got through, whatever came back afterwards.
        if event and (event[1] == 'seen' or event[0] not in self.seen):
            self.seen[event[0]] = (where, *event[1:])
        return 1 if event else 0

    def outcome(self, number, sent_from):
        if number not in self.seen:
            return 'drop'
        where, kind, source, destination, port = self.seen[number]
        if kind == 'reject':
            return 'reject'
        host = socket.inet_ntop(self.family, destination)
        place = ('[%s]:%d' if self.family == socket.AF_INET6 else '%s:%d') % (host, port)
        return '%s %s%s' % (where, place, '' if source == sent_from else ' new-source')


def drain(read):
    while True:
        try:
            yield read()
        except BlockingIOError:
            return


def main():
    spec = json.load(sys.stdin)
    node = Node(spec)
    json.dump([run(node, spec, experiment) for experiment in spec['experiments']], sys.stdout)


def run(node, spec, experiment):
    results = []
    for probe in experiment['probes']:
        # Afresh each time, so that all counters start from zero.
        subprocess.run([spec['restore']], input=experiment['rules'], text=True, check=True)
        outcomes = node.probe(probe)
        saved = subprocess.run([spec['save'], '-c'], stdout=subprocess.PIPE, text=True, check=True)
        results.append({'outcomes': outcomes, 'counters': saved.stdout})
    return results


main()
