import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from './failure.ts';

function coded(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

test('several addresses are absent when none of them could have seen the request', () => {
  const typeOf = (...codes: string[]) =>
    failureOf(new AggregateError(codes.map((code) => coded(code)))).type;
  assert.equal(typeOf('ECONNREFUSED', 'ECONNREFUSED'), 'absent');
  // A host without IPv6 cannot reach ::1 at all.
  assert.equal(typeOf('EADDRNOTAVAIL', 'ECONNREFUSED'), 'absent');
  assert.equal(typeOf('ECONNREFUSED', 'ETIMEDOUT'), 'fault');
  assert.equal(typeOf('ENETUNREACH'), 'fault');
});

test('P8: a URL that cannot be decoded is not quoted', () => {
  assert.deepEqual(failureOf(new URIError('URI malformed: hunter2')), {
    type: 'fault',
    reason: 'the URL is malformed',
  });
});

test('the codes of OpenSSL are explained', () => {
  const chain = coded(
    'SELF_SIGNED_CERT_IN_CHAIN',
    'self-signed certificate in certificate chain; if the root CA is installed locally, try …',
  );
  assert.equal(
    failureOf(chain).reason,
    'the certificate of the app is not trusted: self-signed certificate in certificate chain; see tls.caFile',
  );
  const alert40 = coded(
    'EPROTO',
    'write EPROTO 40E3:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../deps/openssl/rec_layer_s3.c:1605:SSL alert number 40\n',
  );
  assert.equal(
    failureOf(alert40).reason,
    'the TLS handshake failed: sslv3 alert handshake failure',
  );
  assert.equal(
    failureOf(coded('ERR_SSL_WRONG_VERSION_NUMBER')).reason,
    'the app does not speak TLS on this port',
  );
  assert.equal(
    failureOf(coded('ERR_SSL_UNSUPPORTED_PROTOCOL')).reason,
    'the TLS handshake failed: unsupported protocol',
  );
  const alert = coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED');
  assert.match(failureOf(alert).reason, /^the app ended the TLS handshake \(ERR_SSL/);
  assert.match(
    failureOf(coded('ERR_OSSL_PEM_BAD_BASE64_DECODE')).reason,
    /^tls\..* cannot be used/,
  );
});
