// `helia` names this in its all-inclusive `createHelia`, which Amigos never calls: no public HTTP gateway is ever asked.
export const withHTTP = () => {
  throw new Error('@helia/http is left out of this installation: Amigos asks no HTTP gateway')
}
