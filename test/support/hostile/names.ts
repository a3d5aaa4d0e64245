import { type HostileObject, here, huge, named, serviceWith, whole } from './make.ts';

/** Names and other metadata. */
export const names: readonly HostileObject[] = [
  named('as a quote and a command', '"; flush ruleset', '"; flush ruleset'),
  named('as an iptables option', 'web -j ACCEPT', 'web -j ACCEPT'),
  named('as an option', '--jump', '--jump'),
  named('with a new line', 'web\nCOMMIT\n*nat', 'web\\nCOMMIT\\n*nat'),
  named('with a carriage return', 'web\rgood', 'web\\u000dgood'),
  named('with NUL', 'web\0', 'web\\u0000'),
  named('with an escape sequence', 'web\u001b[2J', 'web\\u001b[2J'),
  named('with a direction mark', 'web\u202e01', 'web\\u202e01'),
  named('with a zero-width space', 'we\u200bb', 'we\\u200bb'),
  named('with a Cyrillic letter', 'w\u0435b', 'w\\u0435b'),
  named('with a lone surrogate', 'web\ud800', 'web\\ud800'),
  named('in upper case', 'Web', 'Web'),
  named('with a slash', '../../etc/passwd', '../../etc/passwd'),
  named('with a comment', 'web#comment', 'web#comment'),
  named('with braces', '{ accept }', '{ accept }'),
  named('like a chain jump', '$(reboot)', '$(reboot)'),
  named('with a trailing dash', 'web-', 'web-'),
  named('with 64 characters', 'a'.repeat(64), 'a'.repeat(64)),
  named('with a number for a name', 80, here),
  named('with an object for a name', { toString: 'x' }, here),
  whole('Service called with 10 MB', ['name-invalid', 'metadata.name', `${'a'.repeat(60)}...`], () =>
    serviceWith({}, { metadata: { name: huge() } }),
  ),
  whole('Service without a name', ['field-missing', 'metadata.name', here], () => serviceWith({}, { metadata: {} })),
  whole('Service without metadata', ['field-missing', 'metadata.name', here], () =>
    serviceWith({}, { metadata: undefined }),
  ),
  whole('Service with a list for metadata', ['wrong-type', 'metadata', here], () => serviceWith({}, { metadata: [] })),
  whole('Service in a namespace with a space', ['name-invalid', 'metadata.namespace', 'hostile'], () =>
    serviceWith({}, { metadata: { name: 'hostile', namespace: 'a b' } }),
  ),
  whole('Service with a text for labels', ['wrong-type', 'metadata.labels', 'hostile'], () =>
    serviceWith({}, { metadata: { name: 'hostile', labels: 'headless' } }),
  ),
  whole(
    'Service with a boolean label',
    ['wrong-type', 'metadata.labels[service.kubernetes.io/service-proxy-name]', 'hostile'],
    () =>
      serviceWith({}, { metadata: { name: 'hostile', labels: { 'service.kubernetes.io/service-proxy-name': true } } }),
  ),
  whole('Service created yesterday', ['timestamp-invalid', 'metadata.creationTimestamp', 'hostile'], () =>
    serviceWith({}, { metadata: { name: 'hostile', creationTimestamp: 'yesterday' } }),
  ),
  whole('Service created in a number', ['wrong-type', 'metadata.creationTimestamp', 'hostile'], () =>
    serviceWith({}, { metadata: { name: 'hostile', creationTimestamp: 1 } }),
  ),
];
