// Checks that a webhook is from the Florin that has the secret, as Standard Webhooks
// defines it. It needs only the platform's crypto.

/** What a webhook is told. */
export interface FlorinEvent {
  /** The same for all tries and replays of one event: whoever has seen it is done. */
  id: string;
  /** Such as balance.below; types that you don't know are to be ignored. */
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** How far a webhook's time may be from now, in seconds. */
const tolerance = 300;

/**
 * Verifies a request's body, read whole and unchanged, with an endpoint's secret (whsec_…),
 * and gives the event; throws where it is not one of ours.
 */
export async function verifyWebhook(headers: Headers, body: string, secret: string, now: Date = new Date()): Promise<FlorinEvent> {
  const id = headers.get('webhook-id') ?? '';
  const at = headers.get('webhook-timestamp') ?? '';
  if (!id || !/^\d+$/.test(at)) throw new Error('webhook-id and webhook-timestamp are needed');
  if (Math.abs(now.getTime() / 1000 - Number(at)) > tolerance) throw new Error('the webhook is too old, or from the future');
  const raw = Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (c) => c.charCodeAt(0));
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  const signed = new TextEncoder().encode(`${id}.${at}.${body}`);
  for (const given of (headers.get('webhook-signature') ?? '').split(' ')) { // two while a secret is replaced
    const [version, signature] = given.split(',');
    if (version !== 'v1' || !signature) continue;
    if (await crypto.subtle.verify('HMAC', key, decode(signature), signed)) return { ...(JSON.parse(body) as Omit<FlorinEvent, 'id'>), id };
  }
  throw new Error('no signature of the webhook is right');
}

/** Reads base64; what is none is a signature that never is right. */
function decode(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}
