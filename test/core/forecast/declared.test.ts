import { expect, it } from 'vitest';
import { endpointChoices } from '../../../src/core/forecast/declared.ts';

const port = (more: object = {}) => ({ spec: { selector: { app: 'web' }, ports: [{ port: 80, ...more }] } });

it.each<[string, object, object, readonly object[]]>([
  ['an order of labels', { spec: { selector: { a: '1', b: '2' } } }, { spec: { selector: { b: '2', a: '1' } } }, []],
  [
    'a selector',
    { spec: { selector: { a: '1' } } },
    { spec: {} },
    [{ kind: 'selector', before: 'a=1', after: 'none' }],
  ],
  ['a target port that is the port', port(), port({ targetPort: 80 }), []],
  ['a target port', port({ targetPort: 'http' }), port(), [{ kind: 'targetPort', before: 'http', after: '80' }]],
  ['a new port', { spec: { selector: { app: 'web' } } }, port({ targetPort: 8080 }), []],
  ['another protocol', port({ targetPort: 1 }), port({ protocol: 'UDP', targetPort: 2 }), []],
  ['nonsense', { spec: 1 }, { spec: { selector: [], ports: [null, { port: '80' }] } }, []],
])('%s', (_, before, after, changes) => {
  expect(endpointChoices({ ...before }, { ...after })).toMatchObject(changes);
});
