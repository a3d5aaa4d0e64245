/** Reads `spec.ports` of a Service. */
import type { Protocol, ServicePort } from '../../model/objects.ts';
import { type Choice, readChoice, readInteger, readList, wrongType } from '../fields.ts';
import { readName } from '../names.ts';
import { complain, type Report } from '../report.ts';
import { isFields, type JsonFields, none } from '../value.ts';

export const protocols: Choice<Protocol> = { choices: ['TCP', 'UDP', 'SCTP'], effect: 'the port is left out' };
export const maxPort = 65_535;

/** `spec.ports`, with `report.at` at `spec`. A bad port is left out alone; of two that clash the first stays. */
export function readServicePorts(report: Report, spec: JsonFields, mayHaveNodePorts: boolean): readonly ServicePort[] {
  const list = readList(report, spec, 'ports');
  if (list === undefined) return none;
  if (list.length === 0) {
    complain(report, {
      code: 'field-missing',
      severity: 'warning',
      key: 'ports',
      problem: 'The Service has no ports, so nothing can reach it',
      remedy: 'Add at least one port to spec.ports',
    });
    return none;
  }
  const ports: ServicePort[] = [];
  const indexes: number[] = [];
  const taken = new Set<string>();
  report.at.push('ports', 0);
  for (const [index, item] of list.entries()) {
    report.at[report.at.length - 1] = index;
    const port = readPort(report, item, mayHaveNodePorts);
    const free = port === undefined || list.length === 1 ? port : claimPort(report, port, taken);
    if (free === undefined) continue;
    ports.push(free);
    indexes.push(index);
  }
  const named = ports.length > 1 ? withoutUnnamed(report, ports, indexes) : ports;
  report.at.length -= 2;
  return named.length === 0 ? none : named;
}

function readPort(report: Report, item: unknown, mayHaveNodePorts: boolean): ServicePort | undefined {
  if (!isFields(item)) return wrongType(report, { expected: 'an object with a port', value: item });
  const name = readName(report, item, 'name', { syntax: 'label', absent: '' });
  const protocol = readChoice(report, item, 'protocol', protocols);
  const port = readInteger(report, item, 'port', { min: 1, max: maxPort, absent: 0 });
  const nodePort = readInteger(report, item, 'nodePort', { min: 0, max: maxPort, absent: 0 }) ?? 0;
  if (port === 0) {
    complain(report, {
      code: 'field-missing',
      key: 'port',
      problem: 'A port without a number',
      remedy: 'Add port, a whole number from 1 to 65535',
    });
  }
  if (name === undefined || protocol === undefined || port === undefined || port === 0) return undefined;
  if (nodePort === 0) return { name, protocol, port };
  if (!mayHaveNodePorts) {
    complain(report, {
      code: 'node-port-forbidden',
      severity: 'warning',
      key: 'nodePort',
      problem: `NodePort ${nodePort} is open although the Service has type ClusterIP, as in kube-proxy`,
      remedy: 'Set spec.type to NodePort, or remove nodePort',
    });
  }
  return { name, protocol, port, nodePort };
}

/** Takes the port's name and numbers, or reports that an earlier port of the Service has them. */
function claimPort(report: Report, port: ServicePort, taken: Set<string>): ServicePort | undefined {
  const { name, protocol, port: number, nodePort } = port;
  if (name !== '' && taken.has(name)) return refuse(report, 'name', `Another port is called ${name} too`);
  if (taken.has(`${number}/${protocol}`)) return refuse(report, 'port', `Another port is ${number}/${protocol} too`);
  taken.add(name).add(`${number}/${protocol}`);
  if (nodePort === undefined || !taken.has(`node ${nodePort}/${protocol}`)) {
    if (nodePort !== undefined) taken.add(`node ${nodePort}/${protocol}`);
    return port;
  }
  refuse(report, 'nodePort', `Another port has the NodePort ${nodePort}/${protocol} too`);
  return { name, protocol, port: number };
}

function refuse(report: Report, key: string, problem: string): undefined {
  complain(report, { code: 'port-duplicate', key, problem, remedy: 'Give each port of the Service its own' });
  return undefined;
}

/** EndpointSlices refer to ports by name, so each of several ports needs one. */
function withoutUnnamed(report: Report, ports: readonly ServicePort[], indexes: readonly number[]): ServicePort[] {
  return ports.filter((port, position) => {
    if (port.name !== '') return true;
    report.at[report.at.length - 1] = indexes[position] ?? 0;
    complain(report, {
      code: 'port-unnamed',
      key: 'name',
      problem: 'A port without a name in a Service with several ports',
      remedy: 'Give each port of the Service a name',
    });
    return false;
  });
}
