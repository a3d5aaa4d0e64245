import { describe, expect, it } from 'vitest';
import { readService } from '../../../../src/core/manifest/manifest.ts';
import { said, serviceJson } from '../fixtures.ts';

const lb4 = { ip: '203.0.113.1' };
const lb6 = { ip: '2001:db8::1' };
const dualStack = { type: 'LoadBalancer', clusterIPs: ['10.96.0.10', 'fd00:96::10'] };

function readWith(spec: object, ingress: unknown = []) {
  const result = readService(serviceJson({ type: 'LoadBalancer', ...spec }, { status: { loadBalancer: { ingress } } }));
  return { ...result, said: said(result) };
}

describe('externalIPs', () => {
  it('come once each, in order, in standard form', () => {
    const externalIPs = ['192.0.2.2', '2001:DB8::1', '192.0.2.1', '192.0.2.2', '2001:db8:0::1'];
    expect(readWith({ externalIPs }).object?.externalIps).toEqual(['192.0.2.2', '2001:db8::1', '192.0.2.1']);
  });

  it('are read from outdated forms', () => {
    const result = readWith({ externalIPs: ['192.000.002.001', '::ffff:192.0.2.2'] });
    expect(result.object?.externalIps).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(result.said).toEqual([
      'warning address-legacy spec.externalIPs[0]',
      'warning address-legacy spec.externalIPs[1]',
    ]);
  });

  it('lose the bad ones alone', () => {
    const result = readWith({ externalIPs: ['127.0.0.1', '192.0.2.1', 'x', null] });
    expect(result.object?.externalIps).toEqual(['192.0.2.1']);
    expect(result.said).toEqual([
      'error address-special spec.externalIPs[0]',
      'error address-invalid spec.externalIPs[2]',
      'error wrong-type spec.externalIPs[3]',
    ]);
  });
});

describe('load balancer addresses', () => {
  it('are those with an address and mode VIP', () => {
    const result = readWith({}, [
      lb4,
      { ip: '203.0.113.2', ipMode: 'VIP' },
      { ip: '203.0.113.3', ipMode: 'Proxy' },
      { hostname: 'lb.example.org' },
      { ip: '', hostname: 'lb.example.org' },
      { ip: '203.0.113.4', ipMode: null },
      lb4,
    ]);
    expect(result.object?.loadBalancerIps).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.4']);
    expect(result.said).toEqual([]);
  });

  it('are read from outdated forms', () => {
    const result = readWith({}, [{ ip: '203.0.113.001' }]);
    expect(result.object?.loadBalancerIps).toEqual(['203.0.113.1']);
    expect(result.said).toEqual(['warning address-legacy status.loadBalancer.ingress[0].ip']);
  });

  it('lose the bad ones alone, and one of an unknown mode', () => {
    const result = readWith({}, [{ ip: 'x' }, { ip: '203.0.113.2', ipMode: 'vip' }, null, lb6]);
    expect(result.object?.loadBalancerIps).toEqual(['2001:db8::1']);
    expect(result.said).toEqual([
      'error address-invalid status.loadBalancer.ingress[0].ip',
      'error value-unknown status.loadBalancer.ingress[1].ipMode',
      'error wrong-type status.loadBalancer.ingress[2]',
    ]);
  });

  it.each([undefined, {}, { loadBalancer: null }, { loadBalancer: {} }])('there are none in status %j', (status) => {
    const { object, diagnostics } = readService(serviceJson({}, { status }));
    expect([object?.loadBalancerIps, diagnostics]).toEqual([[], []]);
  });
});

describe('loadBalancerSourceRanges', () => {
  it('are trimmed, and come once each', () => {
    const loadBalancerSourceRanges = [' 10.0.0.0/8\n', '10.1.0.0/8', '0.0.0.0/0', '2001:DB8::/32'];
    const result = readWith({ loadBalancerSourceRanges }, [lb4]);
    expect(result.object?.loadBalancerSourceRanges).toEqual(['10.0.0.0/8', '0.0.0.0/0', '2001:db8::/32']);
    expect(result.said).toEqual([]);
  });

  it('are read in outdated forms, or else the addresses would be open', () => {
    const result = readWith({ loadBalancerSourceRanges: ['010.0.0.0/8'] }, [lb4]);
    expect(result.object?.loadBalancerSourceRanges).toEqual(['10.0.0.0/8']);
    expect(result.said).toEqual(['warning cidr-legacy spec.loadBalancerSourceRanges[0]']);
    expect(result.diagnostics[0]?.remedy).toBe('Write 10.0.0.0/8');
  });
});

const noneLeft = 'source-ranges-none-left spec.loadBalancerSourceRanges';

describe('an address that is open to every source', () => {
  it('is an error when no range could be read', () => {
    const result = readWith({ loadBalancerSourceRanges: ['10.0.0.0/33'] }, [lb4]);
    expect(result.said).toEqual(['error cidr-invalid spec.loadBalancerSourceRanges[0]', `error ${noneLeft}`]);
    expect(result.diagnostics[1]).toMatchObject({
      problem: 'There is no range that could be read for IPv4: 203.0.113.1 open to every source',
      remedy: 'Add a range for IPv4, or 0.0.0.0/0 if everyone may come in',
      path: ['spec', 'loadBalancerSourceRanges'],
    });
  });

  it('is an error when the ranges are no list', () => {
    expect(readWith({ loadBalancerSourceRanges: '10.0.0.0/8' }, [lb4]).said.at(-1)).toBe(`error ${noneLeft}`);
  });

  it('is a warning when the ranges are of the other family', () => {
    const result = readWith({ ...dualStack, loadBalancerSourceRanges: ['10.0.0.0/8'] }, [lb4, lb6]);
    expect(result.said).toEqual([`warning ${noneLeft}`]);
    expect(result.diagnostics[0]?.problem).toBe('There is no range for IPv6: 2001:db8::1 open to every source');
  });

  it('is named however many ranges are bad', () => {
    const loadBalancerSourceRanges = new Array(100).fill('x');
    const result = readWith({ ...dualStack, loadBalancerSourceRanges }, [lb4, lb6]);
    expect(result.said.filter((line) => line === `error ${noneLeft}`)).toHaveLength(2);
  });

  it('is named by three examples', () => {
    const ingress = [1, 2, 3, 4, 5].map((last) => ({ ip: `203.0.113.${last}` }));
    const result = readWith({ loadBalancerSourceRanges: ['x'] }, ingress);
    expect(result.diagnostics.at(-1)?.problem).toContain('203.0.113.1, 203.0.113.2, 203.0.113.3 and 2 more open');
  });

  it.each([
    ['there is a range left', { loadBalancerSourceRanges: ['x', '10.0.0.0/8'] }, [lb4]],
    ['there is no address', { loadBalancerSourceRanges: ['x'] }, []],
    ['no range was given', { loadBalancerSourceRanges: [] }, [lb4]],
    ['the family has no cluster IP', { loadBalancerSourceRanges: ['10.0.0.0/8'] }, [lb4, lb6]],
  ])('is none where %s', (_, spec, ingress) => {
    expect(readWith(spec, ingress).said.join()).not.toContain('source-ranges-none-left');
  });
});
