/**
 * Every diagnostic code of this room with its meaning. For a new diagnostic: add its code here and its row to
 * docs/diagnostics-manifest.md (a test compares them), then call `complain` where the field is read. Severity and
 * message are given there, because they depend on the value.
 */
export const manifestCodes = {
  'address-family': 'an address is of another IP family than its place asks for',
  'address-invalid': 'a text is not an IP address in its standard form',
  'address-legacy': 'an address in an outdated form was read as kube-proxy reads it',
  'address-special': 'an address that can never work here: unspecified, loopback, link-local or multicast',
  'api-error': 'the document is an error answer of the API server, not an object',
  'api-version': 'the apiVersion of a kind that matters is missing or not one that rulewright reads',
  'cidr-invalid': 'a text is not a CIDR block in its standard form',
  'cidr-legacy': 'a CIDR block in an outdated form was read as kube-proxy reads it',
  'cluster-ip-mismatch': 'spec.clusterIP and spec.clusterIPs[0] differ',
  'cluster-ip-missing': 'a Service has no cluster IP yet',
  'family-surplus': 'a second address or block of an IP family where only one is allowed',
  'field-missing': 'a required field is absent',
  'kind-ignored': 'an object of a kind that does not shape rules',
  'kind-mismatch': 'an object is of another kind than its place asks for',
  'kind-missing': 'an object does not say of which kind it is',
  'list-incomplete': 'a list is one page of a longer one, or has no items at all',
  'list-nested': 'a list contains itself, or lists are nested too deeply',
  'more-problems': 'an object has more problems than are shown',
  'name-invalid': 'a name or label breaks the syntax that Kubernetes demands',
  'node-port-forbidden': 'a NodePort on a Service of type ClusterIP, opened as kube-proxy opens it',
  'not-an-object': 'something other than an object stands where an object is needed',
  'number-invalid': 'a number is out of range or not whole',
  'port-duplicate': 'two ports of one Service share a name, or protocol and number',
  'port-unnamed': 'a port without a name in a Service with several ports',
  'service-name-missing': 'an EndpointSlice does not say to which Service it belongs',
  'source-ranges-none-left': 'no source range is left for an IP family, so its load balancer addresses are open to all',
  'timestamp-invalid': 'a text is not an RFC 3339 time',
  'value-unknown': 'a text is none of the values that the field allows',
  'wrong-type': 'a value has the wrong type',
} as const;

export type ManifestCode = keyof typeof manifestCodes;
