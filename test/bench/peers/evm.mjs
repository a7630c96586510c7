/**
 * The token of token.sol on two Ethereum virtual machines: `node evm.mjs` prints microseconds per transfer as JSON.
 *
 * token.json was made by solc (named in it) of token.sol; a transfer is one turn of the loop in `run`. @ethereumjs/evm is pure
 * JavaScript. EDR, the engine of Hardhat, is revm in Rust; its block gas limit allows some 700 transfers in a call, and the fixed
 * cost of a call is a few per cent of that. Each figure is the median of `rounds` calls, after one that is not counted.
 */
import { readFile } from 'node:fs/promises'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM } from '@ethereumjs/evm'
import { Account, createAddressFromString, hexToBytes } from '@ethereumjs/util'

const { bytecode, selectors } = JSON.parse(await readFile(new URL('token.json', import.meta.url), 'utf8'))
const ACCOUNTS = 1000
const word = (number) => number.toString(16).padStart(64, '0')
const fill = (from, to) => `0x${selectors['fill(uint256,uint256)']}${word(from)}${word(to)}`
const run = (count) => `0x${selectors['run(uint256)']}${word(count)}`

async function medianUs(rounds, count, call) {
  const taken = []
  for (let i = 0; i <= rounds; i++) {
    const start = performance.now()
    await call(count)
    if (i > 0) taken.push(((performance.now() - start) / count) * 1000)
  }
  return taken.sort((a, b) => a - b)[rounds >> 1]
}

async function ethereumjs() {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Cancun })
  const evm = await createEVM({ common, allowUnlimitedContractSize: true })
  const caller = createAddressFromString(`0x${'11'.repeat(20)}`)
  await evm.stateManager.putAccount(caller, new Account(0n, 10n ** 30n))
  const send = async (to, data) => {
    const done = await evm.runCall({ caller, ...(to && { to }), data: hexToBytes(data), gasLimit: 10n ** 12n })
    if (done.execResult.exceptionError) throw new Error(done.execResult.exceptionError.error)
    return done
  }
  const { createdAddress } = await send(undefined, `0x${bytecode}`)
  await send(createdAddress, fill(1, ACCOUNTS))
  return medianUs(3, 20_000, (count) => send(createdAddress, run(count)))
}

async function edr() {
  const { default: hardhat } = await import('hardhat')
  const { provider } = await hardhat.network.create()
  const [from] = await provider.request({ method: 'eth_accounts' })
  const gas = `0x${(16_000_000).toString(16)}`
  const send = (to, data) => provider.request({ method: 'eth_sendTransaction', params: [{ from, to, data, gas }] })
  const hash = await send(undefined, `0x${bytecode}`)
  const { contractAddress: to } = await provider.request({ method: 'eth_getTransactionReceipt', params: [hash] })
  for (let first = 1; first <= ACCOUNTS; first += 200) await send(to, fill(first, first + 199))
  return medianUs(15, 700, (count) =>
    provider.request({ method: 'eth_call', params: [{ from, to, data: run(count), gas }] }),
  )
}

const result = { ethereumjs: await ethereumjs(), edr: await edr() }
console.log(JSON.stringify(result))
process.exit(0)
