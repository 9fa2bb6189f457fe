import type { Pod, TokenProjection } from './manifest-shapes.ts';

const DEFAULT_LIFETIME_S = 3_600;
const DEFAULT_AUDIENCE = 'https://kubernetes.default.svc.cluster.local';

/**
 * Hands out service account tokens: in the form of a JWT with the claims that apps read, without
 * a signature. A token stays the same until {@link TokenIssuer.rotate}, as the kubelet keeps one until
 * most of its lifetime is over. Source: kubelet pkg/kubelet/token/token_manager.go.
 */
export class TokenIssuer {
  readonly #now: () => Date;
  readonly #issued = new Map<string, string>();
  #serial = 0;

  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  /** Forgets every token: each volume that holds one gets another at its next update. */
  rotate(): void {
    this.#issued.clear();
  }

  tokenFor(pod: Pod, projection: TokenProjection): string {
    const audience = projection.audience ?? DEFAULT_AUDIENCE;
    const lifetimeS = projection.expirationSeconds ?? DEFAULT_LIFETIME_S;
    const key = JSON.stringify([pod.namespace, pod.name, audience, lifetimeS]);
    const token = this.#issued.get(key) ?? this.#issue(pod, audience, lifetimeS);
    this.#issued.set(key, token);
    return token;
  }

  #issue(pod: Pod, audience: string, lifetimeS: number): string {
    this.#serial += 1;
    const issuedAtS = Math.floor(this.#now().getTime() / 1_000);
    const claims = {
      aud: [audience],
      exp: issuedAtS + lifetimeS,
      iat: issuedAtS,
      // Tells apart two tokens of the same second.
      jti: `stand-in-${this.#serial}`,
      sub: `system:serviceaccount:${pod.namespace}:${pod.serviceAccount}`,
    };
    const parts = [
      JSON.stringify({ alg: 'RS256', typ: 'JWT' }),
      JSON.stringify(claims),
      'unsigned',
    ];
    return parts.map((part) => Buffer.from(part).toString('base64url')).join('.');
  }
}
