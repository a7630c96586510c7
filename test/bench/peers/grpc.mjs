/** A unary call of @grpc/grpc-js that returns its 64 bytes, client and server in two processes on loopback: `{ p50, rate }` as JSON. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import grpc from '@grpc/grpc-js'

const identity = (bytes) => bytes
const ECHO = {
  echo: {
    path: '/bench.Echo/Echo',
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  },
}
const SEQUENTIAL = 2_000
const CONCURRENT = 10_000

if (process.argv[2] === 'serve') {
  const server = new grpc.Server()
  server.addService(ECHO, { echo: ({ request }, answer) => answer(null, request) })
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (_error, port) => process.send(port))
} else {
  const server = fork(import.meta.filename, ['serve'])
  const [port] = await once(server, 'message')
  const Client = grpc.makeGenericClientConstructor(ECHO, 'Echo')
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  const body = Buffer.alloc(64, 1)
  const ask = () =>
    new Promise((resolve, reject) => client.echo(body, (error, answer) => (error ? reject(error) : resolve(answer))))
  for (let i = 0; i < 1_000; i++) await ask()
  const times = []
  for (let i = 0; i < SEQUENTIAL; i++) {
    const start = performance.now()
    await ask()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  let left = CONCURRENT
  const start = performance.now()
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (left-- > 0) await ask()
    }),
  )
  const rate = (CONCURRENT / (performance.now() - start)) * 1_000
  console.log(JSON.stringify({ p50: times[SEQUENTIAL >> 1] * 1_000, rate }))
  server.kill()
  process.exit(0)
}
