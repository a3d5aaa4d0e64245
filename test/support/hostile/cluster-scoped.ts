import { type HostileObject, nodeWith, serviceCidrWith, whole } from './make.ts';

/** Nodes and ServiceCIDRs. */
export const clusterScoped: readonly HostileObject[] = [
  whole('Node: status is a text', ['wrong-type', 'status', 'hostile'], () => nodeWith({ status: 'Ready' })),
  whole('Node: address is a text', ['wrong-type', 'status.addresses[0]', 'hostile'], () =>
    nodeWith({ status: { addresses: ['10.0.0.1'] } }),
  ),
  whole('Node: address is no address', ['address-invalid', 'status.addresses[0].address', 'hostile'], () =>
    nodeWith({ status: { addresses: [{ type: 'InternalIP', address: 'node-0' }] } }),
  ),
  whole('Node: address is everything', ['address-special', 'status.addresses[0].address', 'hostile'], () =>
    nodeWith({ status: { addresses: [{ type: 'InternalIP', address: '0.0.0.0' }] } }),
  ),
  whole('Node: address is absent', ['wrong-type', 'status.addresses[0].address', 'hostile'], () =>
    nodeWith({ status: { addresses: [{ type: 'ExternalIP' }] } }),
  ),
  whole('Node: podCIDRs is a text', ['wrong-type', 'spec.podCIDRs', 'hostile'], () =>
    nodeWith({ spec: { podCIDRs: '10.0.0.0/24' } }),
  ),
  whole('Node: podCIDR of 129 bits', ['cidr-invalid', 'spec.podCIDRs[0]', 'hostile'], () =>
    nodeWith({ spec: { podCIDRs: ['fd00::/129'] } }),
  ),
  whole('Node: zone with a quote', ['name-invalid', 'metadata.labels[topology.kubernetes.io/zone]', 'hostile'], () =>
    nodeWith({ metadata: { name: 'hostile', labels: { 'topology.kubernetes.io/zone': 'zone"a' } } }),
  ),
  whole('ServiceCIDR: no blocks', ['field-missing', 'spec.cidrs', 'hostile'], () => serviceCidrWith({})),
  whole('ServiceCIDR: spec is a list', ['wrong-type', 'spec', 'hostile'], () => serviceCidrWith(['10.96.0.0/12'])),
  whole('ServiceCIDR: three blocks', ['family-surplus', 'spec.cidrs[1]', 'hostile'], () =>
    serviceCidrWith({ cidrs: ['10.96.0.0/12', '10.97.0.0/16', 'fd00::/108'] }),
  ),
  whole('ServiceCIDR: block is a name', ['cidr-invalid', 'spec.cidrs[0]', 'hostile'], () =>
    serviceCidrWith({ cidrs: ['default'] }),
  ),
];
