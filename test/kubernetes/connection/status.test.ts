import { describe, expect, it } from 'vitest';
import { failureOfAnswer, failureOfStatus } from '../../../src/kubernetes/connection/status.ts';

const asked = { verb: 'watch', resource: 'services' };
const nowMs = Date.UTC(2026, 10, 26, 12);
const answer = (code: number, body = '', retryAfter?: string) =>
  failureOfAnswer(asked, { code, body, retryAfter }, nowMs);

describe('what an API server answers', () => {
  it.each([
    [400, 'refused'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'absent'],
    [408, 'busy'],
    [410, 'gone'],
    [422, 'refused'],
    [429, 'busy'],
    [500, 'busy'],
    [504, 'busy'],
    [302, 'busy'],
  ])('%i means %s', (code, reason) => {
    expect(answer(code)).toMatchObject({ reason, retryAfterMs: undefined });
  });

  // As recorded from kube-apiserver 1.36.2, one text shortened.
  it('is put in one line, as it came', () => {
    const body = `{
      "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
      "message": "services is forbidden: User \\"system:serviceaccount:default:nobody\\" cannot list it",
      "reason": "Forbidden", "details": { "kind": "services" }, "code": 403
    }`;
    expect(answer(403, body).message).toBe(
      'the API server answers 403: services is forbidden: User "system:serviceaccount:default:nobody" cannot list ' +
        'it; grant the verb watch on services to this user (RBAC: ClusterRole and ClusterRoleBinding)',
    );
    const tooOld =
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",' +
      '"message":"too old resource version: 200 (1171)","reason":"Expired","code":410}';
    expect(failureOfStatus(asked, JSON.parse(tooOld))).toMatchObject({
      reason: 'gone',
      message: 'the API server answers 410: too old resource version: 200 (1171)',
    });
  });

  it('may be anything: a page of HTML, terminal codes, nothing', () => {
    expect(answer(502, '<html>\n<h1>\u001b[31mBad   Gateway</h1>').message).toBe(
      'the API server answers 502: <html> <h1>?[31mBad Gateway</h1>',
    );
    expect(answer(500, `{"message":"${'é'.repeat(1000)}"}`).message).toHaveLength(331);
    expect(answer(500, '[]').message).toBe('the API server answers 500');
    expect(failureOfStatus(asked, undefined)).toMatchObject({ reason: 'busy', message: 'the API server answers 0' });
  });

  it('may ask for patience, in seconds, as a date or in the body', () => {
    expect(answer(429, '', '3').retryAfterMs).toBe(3000);
    expect(answer(429, '', 'Thu, 26 Nov 2026 12:00:20 GMT').retryAfterMs).toBe(20_000);
    expect(answer(429, '', 'Thu, 26 Nov 2026 11:00:00 GMT').retryAfterMs).toBeUndefined();
    expect(answer(429, '', 'soon').retryAfterMs).toBeUndefined();
    expect(answer(429, '{"details":{"retryAfterSeconds":2}}').retryAfterMs).toBe(2000);
    expect(answer(429, '{"details":{"retryAfterSeconds":2}}', '5').retryAfterMs).toBe(5000);
  });

  it('may be that its data is older than the version asked for', () => {
    const details = { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] };
    expect(answer(504, JSON.stringify({ reason: 'Timeout', details })).reason).toBe('rolled-back');
  });
});
