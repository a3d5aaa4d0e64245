/** What Node's error codes mean to the operator of a node, and what to do. */
const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused); check that the API server runs and the address is right',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'nothing answers there; check the network, firewalls and the address',
  EHOSTUNREACH: 'no way leads there (host unreachable); check routes and the address',
  ENETUNREACH: 'no way leads there (network unreachable); check routes and the address',
  ENOTFOUND: 'its name is unknown; check the address and DNS',
  EAI_AGAIN: 'its name cannot be looked up now; check DNS',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check the clocks',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by the known authority; check certificate-authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by the known authority; check certificate-authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is not signed by the known authority; check certificate-authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by the known authority; check certificate-authority',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by the known authority; check certificate-authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for other names; check the address, or set tls-server-name',
  EPROTO: 'it does not speak TLS; check the address (https or http?)',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; check the address (https or http?)',
  HPE_INVALID_CONSTANT: 'it does not speak HTTP; check the address (https or http?)',
};

/** One line about an error of a socket; of what it says itself only codes are kept, never texts with data in them. */
export function describeConnectionProblem(error: unknown): string {
  const code = codeOf(error);
  return meanings[code] ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`);
}

/** A name with several addresses that all fail gives an AggregateError, whose own code is that of the first. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code !== '' || !(error instanceof AggregateError)) return /^[A-Z_0-9]{1,60}$/.test(code) ? code : '';
  return codeOf(error.errors[0]);
}
