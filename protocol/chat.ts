import {
  CHAT_DOMAIN,
  MAX_CHAT_BYTES,
  MAX_NETWORK_LENGTH,
  MAX_TEXT_LENGTH,
  MAX_TIME_MS,
  NONCE_BYTES,
} from './constants.ts'
import { isEd25519PublicKey } from './signed/ed25519.ts'
import { type SignedKind, sign, verify } from './signed/signed.ts'
import { isPeerId, isUserId } from './signed/user-id.ts'
import type { ChatMessage, Signer } from './types.ts'
import { hasExactly, isBytes, isInteger, isLine } from './wire/fields.ts'

const FIELDS = ['v', 'network', 'id', 'from', 'to', 'time', 'text']

/** Letters of any script, newlines and tabs. Nothing that moves a terminal's cursor or changes its colours. */
function isText(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_TEXT_LENGTH * 2) return false
  return value.isWellFormed() && !/[^\P{Cc}\n\t]/u.test(value) && [...value].length <= MAX_TEXT_LENGTH
}

function isMessage(value: unknown): value is ChatMessage {
  if (!hasExactly(value, FIELDS)) return false
  const { to } = value
  return (
    value['v'] === 1 &&
    isLine(value['network'], 1, MAX_NETWORK_LENGTH) &&
    isBytes(value['id'], NONCE_BYTES, NONCE_BYTES) &&
    isEd25519PublicKey(value['from']) &&
    typeof to === 'string' &&
    (isUserId(to) || isPeerId(to)) &&
    isInteger(value['time'], 0, MAX_TIME_MS) &&
    isText(value['text'])
  )
}

const CHAT: SignedKind<ChatMessage> = {
  domain: CHAT_DOMAIN,
  maxBytes: MAX_CHAT_BYTES,
  invalid: 'MESSAGE_INVALID',
  check: isMessage,
  signerOf: (message) => message.from,
}

/** Section 9. The sender is the signer. @throws ProtocolError MESSAGE_INVALID */
export function signMessage(message: Omit<ChatMessage, 'v' | 'from'>, signer: Signer): Promise<Uint8Array> {
  return sign<ChatMessage>(CHAT, { ...message, v: 1, from: signer.publicKey }, signer)
}

/** @throws ProtocolError MESSAGE_INVALID or SIGNATURE_INVALID */
export function verifyMessage(bytes: Uint8Array): Promise<ChatMessage> {
  return verify(CHAT, bytes)
}
