/** Certificates made on the spot: an authority, a server on loopback, and a client. No files, nothing that expires. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, der, integer, octets, oid, sequence, set, text, time, yes } from './der.ts';

export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

export interface Certificates {
  /** The authority's certificate. */
  readonly ca: string;
  readonly server: Identity;
  readonly client: Identity;
}

interface Subject {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

const dayMs = 86_400_000;

/** All in PEM. The server is 127.0.0.1 and localhost. */
export function makeCertificates(): Certificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issue = (name: string, extensions: readonly Buffer[]): Identity => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const certificate = makeCertificate({ name, publicKey, extensions }, authority.privateKey);
    return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  };
  const isAuthority = extension('2.5.29.19', sequence(yes));
  return {
    ca: makeCertificate(
      { name: authorityName, publicKey: authority.publicKey, extensions: [isAuthority] },
      authority.privateKey,
    ),
    server: issue('test-server', [extension('2.5.29.17', sequence(dnsName('localhost'), ipName([127, 0, 0, 1])))]),
    client: issue('test-client', []),
  };
}

const authorityName = 'test-authority';
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));

function makeCertificate({ name, publicKey, extensions }: Subject, signer: KeyObject): string {
  const nowMs = Date.now();
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.from([1, ...randomBytes(8)])),
    ecdsaWithSha256,
    commonName(authorityName),
    sequence(time(new Date(nowMs - dayMs)), time(new Date(nowMs + dayMs))),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  );
  const signature = sign('sha256', toBeSigned, signer);
  const certificate = sequence(toBeSigned, ecdsaWithSha256, bits(signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

function commonName(name: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), text(name))));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), octets(value));
}

const dnsName = (name: string) => der(0x82, Buffer.from(name));
const ipName = (bytes: readonly number[]) => der(0x87, Buffer.from(bytes));
