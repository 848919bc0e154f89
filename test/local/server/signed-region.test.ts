import { signedRegion } from '../../../src/local/server/control/ids';

test.each([
  ['AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/bedrock-agentcore/aws4_request, SignedHeaders=host, Signature=0', 'eu-west-1'],
  ['AWS4-HMAC-SHA256 Credential=AKID/20260101/us-gov-west-1/bedrock-agentcore/aws4_request', 'us-gov-west-1'],
  ['AWS4-ECDSA-P256-SHA256 Credential=AKID/20260101/bedrock-agentcore/aws4_request', undefined],
  ['Bearer token', undefined],
  ['AWS4-HMAC-SHA256 Credential=AKID/20260101/../bedrock-agentcore/aws4_request', undefined],
  [undefined, undefined],
])('%s is signed for %s', (authorization, region) => {
  expect(signedRegion(authorization)).toBe(region);
});
